#include "schema/entry_draft.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace splitmx::schema {

namespace {

using ldap::Modification;
using Operation = Modification::Operation;

bool holds(std::span<std::string const> values, std::string_view value) {
    return std::any_of(values.begin(), values.end(), [&](std::string const& one) {
        return ldap::equal_no_case(one, value);
    });
}

std::vector<std::string> missing_in(
    std::span<std::string const> values, std::span<std::string const> other
) {
    std::vector<std::string> missing;
    for (auto const& value : values) {
        // Spelled otherwise is another value: "smtp:x@y" is not "SMTP:x@y".
        if (std::find(other.begin(), other.end(), value) == other.end()) missing.push_back(value);
    }
    return missing;
}

}  // namespace

bool EntryDraft::has_value(std::string_view attribute, std::string_view value) const {
    return holds(entry_.values(attribute), value);
}

void EntryDraft::apply(Modification modification) {
    auto changed = ldap::apply(ldap::ModifyEntry{entry_.dn(), {std::move(modification)}}, entry_);
    if (changed) entry_ = std::move(*changed);
}

void EntryDraft::remove(std::string const& attribute) {
    if (entry_.has(attribute)) apply({Operation::remove, attribute, {}});
}

void EntryDraft::remove_value(std::string const& attribute, std::string const& value) {
    if (has_value(attribute, value)) apply({Operation::remove, attribute, {value}});
}

void EntryDraft::add_value(std::string const& attribute, std::string const& value) {
    if (!has_value(attribute, value)) apply({Operation::add, attribute, {value}});
}

void EntryDraft::set(std::string const& attribute, std::string const& value) {
    apply({Operation::replace, attribute, {value}});
}

ldap::ModifyEntry EntryDraft::change() const {
    ldap::ModifyEntry change{original_.dn(), {}};
    auto& all = change.modifications;
    // Removals first: a value may come back in another spelling.
    for (auto const& attribute : original_.attributes()) {
        // With their values, so that a change by somebody else meanwhile makes this one fail.
        auto gone = missing_in(attribute.values, entry_.values(attribute.name));
        if (!gone.empty()) all.push_back({Operation::remove, attribute.name, std::move(gone)});
    }
    for (auto const& attribute : entry_.attributes()) {
        auto fresh = missing_in(attribute.values, original_.values(attribute.name));
        if (!fresh.empty()) all.push_back({Operation::add, attribute.name, std::move(fresh)});
    }
    return change;
}

bool is_structural(std::string_view object_class) {
    constexpr std::array<std::string_view, 9> structural{
        "person",
        "organizationalPerson",
        "inetOrgPerson",
        "user",
        "contact",
        "group",
        "groupOfNames",
        "groupOfUniqueNames",
        "remote-address"};
    return std::any_of(structural.begin(), structural.end(), [&](std::string_view one) {
        return ldap::equal_no_case(one, object_class);
    });
}

}  // namespace splitmx::schema
