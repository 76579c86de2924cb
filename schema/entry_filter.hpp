// A search filter applied to an entry at hand, where no server does it: for an LDIF file.
// Takes equality, presence, substrings, and, or, not. Values match as caseIgnoreMatch does, but
// case is folded for ASCII only. Ordering, approximate and extensible matches depend on a server's
// schema and are refused. An attribute that an entry lacks does not match, so its negation does.
// Threads: immutable value. Source: RFC 4511 4.5.1.7, RFC 4515, RFC 4526.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/filter.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::schema {

class EntryFilter {
public:
    // Fails with ldap::Errc::unsupported.
    [[nodiscard]] static ldap::Result<EntryFilter> compile(ldap::Filter const& filter);

    [[nodiscard]] bool matches(ldap::Entry const& entry) const { return matches(root_, entry); }

private:
    friend class FilterReader;

    enum class Kind { all, any, none, present, equal, substrings };

    struct Node {
        Kind kind = Kind::all;
        std::vector<Node> parts;          // all, any; none has one
        std::string attribute;            // the others
        std::vector<std::string> pieces;  // equal: one; substrings: between the asterisks
    };

    static bool matches(Node const& node, ldap::Entry const& entry);
    static bool matches_value(Node const& node, std::string_view value);

    Node root_;
};

}  // namespace splitmx::schema
