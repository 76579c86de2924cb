// Service extensions: the keywords of an EHLO reply, ours and a peer's. A keyword is here only when
// both sides of this room obey it.
// Threads: values and pure functions. Source: RFC 5321 4.1.1.1, RFC 2920 (PIPELINING), RFC 1870
// (SIZE), RFC 6152 (8BITMIME), RFC 2034 (ENHANCEDSTATUSCODES), RFC 3207 (STARTTLS), RFC 3461 (DSN),
// RFC 4954 (AUTH), RFC 6531 (SMTPUTF8).
#pragma once

#include "smtp/sasl.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::smtp {

enum class Extension {
    pipelining,
    size,
    eight_bit_mime,
    smtputf8,
    dsn,
    enhanced_status_codes,
    starttls,
    auth,  // PLAIN and LOGIN
};

// The BODY parameter of MAIL. Nothing said means 7BIT (RFC 6152 3).
enum class BodyKind { seven_bit, eight_bit };

// What one side offers: a peer, or we in one session.
class Extensions {
public:
    Extensions() = default;
    Extensions(std::initializer_list<Extension> offered);
    // From the text of an EHLO reply, '\n' between lines; its first line is a greeting, no keyword.
    static Extensions parse(std::string_view reply_text);

    void add(Extension extension) { bits_ |= bit(extension); }
    void remove(Extension extension) { bits_ &= ~bit(extension); }
    bool has(Extension extension) const { return (bits_ & bit(extension)) != 0; }
    std::uint64_t size_limit() const { return size_limit_; }  // octets; 0: not said
    // The best way to say who we are that both sides know.
    std::optional<Mechanism> mechanism() const { return mechanism_; }

private:
    static unsigned bit(Extension extension) { return 1U << static_cast<unsigned>(extension); }
    void add_line(std::string_view line);
    void add_mechanisms(std::string_view names);

    unsigned bits_ = 0;
    std::uint64_t size_limit_ = 0;
    std::optional<Mechanism> mechanism_;
};

// What needs no certificate and no setting.
Extensions always_offered();

// The lines of our EHLO reply, without codes; the first is the host name.
std::vector<std::string> ehlo_lines(
    std::string_view hostname, Extensions const& offered, std::uint64_t max_message
);

}  // namespace splitmx::smtp
