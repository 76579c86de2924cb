// An entry of the directory: a DN and attributes with values, as a server or an LDIF file gave
// them.
//
// Names compare without regard to case (RFC 4512 2.5). Options are part of a name: "cn;lang-de" and
// "cn" are two attributes, and asking for "cn" gives only the second; the first is asked for by its
// full name. Two options are about transfer and are dropped from the name: ";binary", and Active
// Directory's ";range=0-1499", whose values are put with those of the attribute itself; if the
// range does not reach the end, `is_partial` says so and the next one begins at
// values(name).size(). Values are octets in the order given; nothing is decoded or checked. An
// Entry owns its text; spans and views live as long as it is unchanged.
#pragma once

#include "ldap/dn.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::ldap {

struct Attribute {
    std::string name;  // as first written, without transfer options
    std::vector<std::string> values;
    bool partial = false;  // the server has more values than it gave
};

class Entry {
public:
    Entry() = default;
    explicit Entry(Dn dn) : dn_(std::move(dn)) {}

    [[nodiscard]] Dn const& dn() const noexcept { return dn_; }
    [[nodiscard]] std::vector<Attribute> const& attributes() const noexcept { return attributes_; }

    // Adds to what is there under this name. Without values the attribute is there, but empty.
    void add(std::string_view description, std::string value);
    void add(std::string_view description, std::vector<std::string> values);

    // Drops all attributes but these; does nothing if none is named, or "*".
    void keep_only(std::vector<std::string> const& names);

    // The values, none if there is no such attribute.
    [[nodiscard]] std::span<std::string const> values(std::string_view name) const noexcept;
    [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const noexcept;
    // At least one value.
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    // One of the values is `value`, ASCII letters of either case.
    [[nodiscard]] bool has_value_no_case(std::string_view name, std::string_view value)
        const noexcept;
    [[nodiscard]] bool is_partial(std::string_view name) const noexcept;

private:
    [[nodiscard]] Attribute const* find(std::string_view name) const noexcept;
    Attribute& find_or_add(std::string_view description);

    Dn dn_;
    std::vector<Attribute> attributes_;
};

// ASCII letters of either case are equal; other octets only to themselves.
[[nodiscard]] bool equal_no_case(std::string_view a, std::string_view b) noexcept;

}  // namespace splitmx::ldap
