// Local parts and mailboxes: what stands in MAIL FROM and RCPT TO.
// A local part is held unquoted and as it was written; it compares without regard to case
// (Q157007), and `"a.b"@d` is `a.b@d`. A mailbox has three renderings: wire, log, and comparison
// key. Threads: immutable values. Source: RFC 5321 2.3.11, 4.1.2; RFC 6531 3.3 for UTF-8.
#pragma once

#include "mail/domain.hpp"
#include "mail/result.hpp"

#include <string>
#include <string_view>

namespace splitmx::mail {

inline constexpr std::size_t max_local_part_octets = 64;  // RFC 5321 4.5.3.1.1
inline constexpr std::size_t max_path_octets = 256;       // RFC 5321 4.5.3.1.3

// Addresses of another system in the form of one of the Internet: IMCEAEX-_O=...@contoso.com. They
// are longer than the RFC wants; Exchange takes up to 571 octets. Source: MS-OXCMAIL 2.1.3.1.8.
// The prefix stands in any case; behind it come a type and "-".
inline constexpr std::string_view encapsulation_prefix = "IMCEA";
inline constexpr std::size_t max_encapsulated_octets = 571;
[[nodiscard]] bool is_encapsulated(std::string_view address);

// For comparing without regard to case.
[[nodiscard]] std::string fold_case(std::string_view text);

class LocalPart {
public:
    LocalPart() = default;  // empty: of the domain itself
    // A Dot-string or a Quoted-string.
    static Result<LocalPart> parse(std::string_view text);
    // From octets that are not quoted, such as a directory's. Requires: no control characters.
    static Result<LocalPart> from_value(std::string_view value);

    std::string const& value() const { return value_; }  // unquoted, case as written
    std::string to_wire() const;                         // quoted where the grammar needs it
    void append_to(std::string& wire) const;             // the same
    std::string key() const;                             // case-folded, for comparing
    bool needs_quotes() const { return needs_quotes_; }
    bool is_ascii() const;
    bool is_postmaster() const;  // RFC 5321 4.5.1: in any case

    bool operator==(LocalPart const& other) const { return key() == other.key(); }

private:
    explicit LocalPart(std::string value);

    std::string value_;
    bool needs_quotes_ = true;
};

class Mailbox {
public:
    Mailbox(LocalPart local_part, Domain domain);
    // `local-part@domain`, no angle brackets. The last `@` outside quotes divides (Q198563). The
    // local part may have max_local_part_octets, one that encapsulates another address
    // max_encapsulated_octets.
    static Result<Mailbox> parse(std::string_view text);
    // The same, for addresses that others made up under their own limits: the local part may have
    // up to max_path_octets. Senders use such addresses for tracking (VERP).
    static Result<Mailbox> parse_long(std::string_view text);

    LocalPart const& local_part() const { return local_part_; }
    Domain const& domain() const { return domain_; }

    std::string to_wire() const;  // RFC 5321 form, domain in A-labels
    std::string to_log() const;   // wire form with control characters and line ends escaped
    std::string key() const;      // equal for equal mailboxes
    bool is_ascii() const { return local_part_.is_ascii(); }

    bool operator==(Mailbox const& other) const { return key() == other.key(); }

private:
    static Result<Mailbox> parse_within(std::string_view text, std::size_t local_part_limit);

    LocalPart local_part_;
    Domain domain_;
};

// Equal for equal addresses; of what is none, the text itself.
std::string address_key(std::string const& wire);

// Text from outside for one line of a log: control and format characters, line separators and what
// is no UTF-8 become \xNN.
std::string to_log_text(std::string_view text);

}  // namespace splitmx::mail
