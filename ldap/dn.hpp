// A distinguished name (RFC 4514): as it was written, and in a form for comparing.
//
// Two DNs are equal when their keys are. In a key attribute types and values are in lower case
// (ASCII only), blanks at both ends of a value are gone and others collapsed (as caseIgnoreMatch
// does), the parts of a multi-valued RDN are sorted, and every special octet has one spelling.
// Aliases of types
// ("2.5.4.3" for "cn") are not known. `#hex` values are compared as the octets they are.
// Blanks around ',' '+' '=' are accepted, as RFC 2253 had them; quoted values and ';' are not.
// Input may be hostile: length and number of parts are bounded. Values; no threads.
#pragma once

#include "ldap/errc.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace splitmx::ldap {

class Dn {
public:
    static constexpr std::size_t max_length = 8192;  // octets
    static constexpr std::size_t max_rdns = 256;

    // The empty DN: the root of the tree.
    Dn() = default;

    // Fails with Errc::syntax; Error::at is the octet it stopped at.
    [[nodiscard]] static Result<Dn> parse(std::string_view text);

    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    [[nodiscard]] std::string const& key() const noexcept { return key_; }
    [[nodiscard]] bool is_root() const noexcept { return key_.empty(); }

    // The DN of an entry below this one: "uid=anna" below "ou=people,dc=adatum,dc=com". The value
    // is escaped (RFC 4514 2.4). Fails with Errc::syntax: an attribute's name that is none, or too
    // long.
    [[nodiscard]] Result<Dn> child(std::string_view attribute, std::string_view value) const;

    // The first attribute of the name, and its value as it is.
    struct Naming {
        std::string attribute;
        std::string value;
    };
    // Requires: not the root.
    [[nodiscard]] Naming naming() const;

    // The DN one level up; of the root, the root.
    [[nodiscard]] Dn parent() const;

    // Whether this is `base` itself or below it.
    [[nodiscard]] bool is_within(Dn const& base) const noexcept;

    friend bool operator==(Dn const& a, Dn const& b) noexcept { return a.key_ == b.key_; }
    friend auto operator<=>(Dn const& a, Dn const& b) noexcept { return a.key_ <=> b.key_; }

private:
    std::string text_;
    std::string key_;
};

}  // namespace splitmx::ldap

template <>
struct std::hash<splitmx::ldap::Dn> {
    std::size_t operator()(splitmx::ldap::Dn const& dn) const noexcept {
        return std::hash<std::string>{}(dn.key());
    }
};
