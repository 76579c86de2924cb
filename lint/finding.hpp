// One thing that lint found: what is wrong and what comes of it, where, and what would mend it.
// Threads: plain values. Errors: none.
#pragma once

#include "lint/rule.hpp"
#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::lint {

// An entry, and the part of it that the finding is about: "mailLocalAddress: zoe@contoso.com".
struct Place {
    std::string dn;
    std::string detail;
};

// What would mend it, for repair.hpp. `listed` is an index of Listing::recipients.
struct RemoveAddress {
    std::size_t listed;
    mail::Mailbox address;
};
struct RemoveMember {
    std::size_t listed;
    resolver::EntryName member;
};
struct ReplaceValue {
    std::size_t listed;
    std::string attribute;
    std::string from;
    std::string to;
};
// One of several; which, only a person can say.
struct ChooseOwner {
    std::vector<std::size_t> listed;
    mail::Mailbox address;
};
using Remedy = std::variant<RemoveAddress, RemoveMember, ReplaceValue, ChooseOwner>;

// Whatever an entry holds, this is UTF-8 without control characters once lint() gives it out.
struct Finding {
    Rule rule;
    std::string text;           // one sentence without a full stop
    std::vector<Place> places;  // all of them, however many
    std::string source;         // "FILE:LINE", or empty
    std::string advice;         // what to do about it; may be empty
    std::vector<Remedy> remedies;

    Finding(Rule which, std::string what) : rule(which), text(std::move(what)) {}
};

using Findings = std::vector<Finding>;

}  // namespace splitmx::lint
