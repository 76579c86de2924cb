// A search filter (RFC 4511 4.5.1.7), kept in its text form (RFC 4515).
//
// Filters are put together from attribute names and values. This is the one place where a value is
// escaped (RFC 4515 3), so a mailbox name with '*' or ')' in it stays a value. Text from an
// administrator comes in through `raw`, which checks the whole grammar.
// Attribute names given to the builders must be attribute descriptions
// (`is_attribute_description`); anything else is a programming error and throws
// std::invalid_argument. Values; no threads.
#pragma once

#include "ldap/errc.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

// An attribute type with options, "mail" or "cn;lang-de" or "2.5.4.3" (RFC 4512 2.5).
[[nodiscard]] bool is_attribute_description(std::string_view text) noexcept;

class Filter {
public:
    static constexpr std::size_t max_length = 65536;  // octets, for raw
    static constexpr std::size_t max_depth = 32;      // brackets in brackets, for raw

    // Every entry: (objectClass=*).
    Filter();

    // (attribute=value); the value is any octets.
    [[nodiscard]] static Filter equal(std::string_view attribute, std::string_view value);
    // (attribute=*)
    [[nodiscard]] static Filter present(std::string_view attribute);
    // One of them is enough. Of an empty list none is true: (|), RFC 4526.
    [[nodiscard]] static Filter any_of(std::vector<Filter> const& filters);
    // Each of them is needed. An empty list is always true: (&), RFC 4526.
    [[nodiscard]] static Filter all_of(std::vector<Filter> const& filters);
    [[nodiscard]] static Filter none_of(Filter const& filter);  // (!...)

    // An administrator's filter, with its outer brackets or without.
    // Fails with Errc::syntax; Error::at is the octet it stopped at.
    [[nodiscard]] static Result<Filter> raw(std::string_view text);

    // The same, with `placeholder` standing for a value: whatever is in it, it stays one.
    [[nodiscard]] static Result<Filter> raw_with(
        std::string_view text, std::string_view placeholder, std::string_view value
    );

    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    friend bool operator==(Filter const&, Filter const&) = default;

private:
    explicit Filter(std::string text);

    std::string text_;
};

}  // namespace splitmx::ldap
