// What a sender asks about reports: RET and ENVID with MAIL, NOTIFY and ORCPT with RCPT.
// ENVID and ORCPT are kept as they came (xtext), so that they go on unchanged.
// Threads: values and pure functions. Source: RFC 3461 4.1 to 4.4, RFC 6533 3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

inline constexpr std::size_t max_envelope_id = 100;         // RFC 3461 4.4
inline constexpr std::size_t max_original_recipient = 500;  // RFC 3461 4.2

enum class ReturnContent { unsaid, full, headers };

std::optional<ReturnContent> parse_return(std::string_view value);  // "FULL", "HDRS"
std::string_view to_wire(ReturnContent content);                    // empty: unsaid

// Which reports are wanted. Nothing said: of failures and of delays (RFC 3461 4.1).
class Notify {
public:
    Notify() = default;
    // "NEVER", "SUCCESS,FAILURE,DELAY" in any order and case.
    static std::optional<Notify> parse(std::string_view value);
    static Notify never();

    bool is_said() const { return said_; }
    bool wants_success() const { return success_; }
    bool wants_failure() const { return failure_; }
    bool wants_delay() const { return delay_; }
    // The same, once a success has been told of: a copy of a group, or one that is relayed.
    Notify without_success() const;
    std::string to_wire() const;  // empty: nothing said

    bool operator==(Notify const&) const = default;

private:
    bool said_ = false;
    bool success_ = false;
    bool failure_ = true;
    bool delay_ = true;
};

// ENVID: xtext of printable ASCII.
bool is_envelope_id(std::string_view value);

// "rfc822;Bob+2Bx@example.com" and its parts: the type as it came, the address decoded.
struct OriginalRecipient {
    std::string type;
    std::string address;  // UTF-8 for the type utf-8, else ASCII
};
std::optional<OriginalRecipient> parse_original_recipient(std::string_view value);
// For an address that came without one; empty: none can be made that every host takes.
std::string original_recipient_of(std::string_view typed);

}  // namespace splitmx::mail
