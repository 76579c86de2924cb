// A mail domain: a domain name, or an address literal in its place.
// Names are held in A-label form, in lower case and without a trailing dot, so that two spellings
// of one domain are one value. U-labels are converted by IDNA 2008 (libidn2).
// Threads: immutable value. Source: RFC 5321 2.3.5 and 4.1.3, RFC 5890.
#pragma once

#include "mail/ip_address.hpp"
#include "mail/result.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

inline constexpr std::size_t max_domain_octets = 255;  // RFC 5321 4.5.3.1.2

class Domain {
public:
    // "Example.COM.", "bücher.example", "[192.0.2.1]", "[IPv6:2001:db8::1]". Blanks around it and
    // one trailing dot are dropped (Q228998, Q153655).
    static Result<Domain> parse(std::string_view text);
    static Domain literal(IpAddress address);

    bool is_literal() const { return literal_.has_value(); }
    std::optional<IpAddress> const& address() const { return literal_; }

    // This name is `parent` or below it, by whole labels (Q169683). A literal is only itself.
    bool is_within(Domain const& parent) const;
    // The name without its first label; empty for a single label and for a literal.
    std::string_view parent() const;

    std::string const& text() const { return text_; }

    bool operator==(Domain const& other) const { return text_ == other.text_; }
    auto operator<=>(Domain const& other) const { return text_ <=> other.text_; }

private:
    std::string text_;
    std::optional<IpAddress> literal_;
};

}  // namespace splitmx::mail
