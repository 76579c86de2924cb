#include "migration/entry_writer.hpp"

#include "ldap/ldif.hpp"
#include "ldap/letter_case.hpp"
#include "mail/sip_hash.hpp"
#include "migration/columns.hpp"
#include "schema/recipient_change.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::migration {

namespace {

using resolver::RecipientKind;

std::uint64_t checksum(std::string_view text) {
    constexpr mail::SipKey key{};
    return mail::sip_hash(key, text);
}

// The attribute by which the profile switches it on.
bool set_switch(ldap::Entry& entry, schema::Conditions const& conditions) {
    for (auto const& condition : conditions) {
        if (condition.form != schema::Condition::Form::is_true) continue;
        entry.add(condition.attribute, std::string("TRUE"));
        return true;
    }
    return false;
}

bool has_switch(schema::Conditions const& conditions) {
    return std::any_of(conditions.begin(), conditions.end(), [](schema::Condition const& one) {
        return one.form == schema::Condition::Form::is_true;
    });
}

// "Lawson, Anna" is how many address books sort.
schema::PersonName called(Person const& person) {
    schema::PersonName name{person.common_name, person.surname};
    if (name.common_name.empty() && !person.names.empty()) name.common_name = person.names.front();
    if (name.common_name.empty()) name.common_name = person.addresses.front().to_wire();
    auto const comma = name.common_name.find(", ");
    if (name.surname.empty() && comma != std::string::npos && comma > 0) {
        name.surname = name.common_name.substr(0, comma);
    }
    return name;
}

}  // namespace

bool is_mail_host(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool EntryWriter::is_ours(mail::Domain const& domain) const {
    auto const& ours = settings_.domains;
    return ours.empty() || std::find(ours.begin(), ours.end(), domain) != ours.end();
}

std::variant<std::monostate, Skip, Rejection> EntryWriter::choose_addresses(Person& person) const {
    std::optional<mail::Mailbox> unfit;
    std::vector<mail::Mailbox> chosen;
    bool foreign = false;
    for (auto& address : person.addresses) {
        if (!is_ours(address.domain())) {
            foreign = true;
        } else if (!address.is_ascii()) {
            unfit = std::move(address);
            person.losses.push_back(Loss::bad_address);
        } else if (std::find(chosen.begin(), chosen.end(), address) == chosen.end()) {
            chosen.push_back(std::move(address));
        }
    }
    person.addresses = std::move(chosen);
    if (!person.addresses.empty()) return std::monostate{};
    if (unfit) {
        return Rejection{
            fmt::format("{} is not ASCII, and the directory's attribute is", unfit->to_log())};
    }
    if (foreign) return Skip::foreign_domain;
    return Rejection{"no address"};
}

mail::Result<ldap::Dn> EntryWriter::name_of(Person& person) const {
    auto const below =
        [this](std::string_view attribute, std::string_view value) -> std::optional<ldap::Dn> {
        if (value.empty()) return std::nullopt;
        auto dn = settings_.base.child(attribute, value);
        if (!dn || names_.contains(checksum(dn->key()))) return std::nullopt;
        return std::move(*dn);
    };
    if (person.naming) {
        if (auto dn = below(person.naming->attribute, person.naming->value)) return std::move(*dn);
    }
    for (auto const& name : person.names) {
        if (auto dn = below("uid", name)) return std::move(*dn);
    }
    auto const address = person.addresses.front().to_wire();
    auto dn = below("uid", address);
    if (!dn) return mail::Error{fmt::format("another entry is called uid={} already", address), 0};
    bool const had_a_name = person.naming || !person.names.empty();
    if (had_a_name) person.losses.push_back(Loss::address_as_name);
    return std::move(*dn);
}

// With their type beside the mail addresses. One that another entry has would make both of no use.
void EntryWriter::add_x500(
    ldap::Entry& entry, Person const& person, std::size_t line, Report& report
) {
    auto const& attribute = settings_.profile->addresses.front().name;
    std::vector<std::string> known;
    for (auto const& value : person.x500) {
        auto const key = one_line(ldap::lower_case(value));  // as the attribute compares
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        known.push_back(key);
        bool const fit =
            value.starts_with('/') &&
            std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c < 0x7F; });
        if (!fit || !addresses_.emplace(checksum("X500:" + key), line).second) {
            report.leave_out_value("X500");
            continue;
        }
        entry.add(attribute, "X500:" + value);
    }
}

std::variant<std::string, Skip, Rejection> EntryWriter::write(
    Person person, std::size_t line, Report& report
) {
    auto const& profile = *settings_.profile;
    if (person.disabled && !has_switch(profile.disabled)) return Skip::disabled;
    auto const chosen = choose_addresses(person);
    if (auto const* skip = std::get_if<Skip>(&chosen)) return *skip;
    if (auto const* rejection = std::get_if<Rejection>(&chosen)) return *rejection;
    if (person.target && !person.target->is_ascii()) {
        return Rejection{fmt::format(
            "its target {} is not ASCII, and the directory's attribute is", person.target->to_log()
        )};
    }
    std::vector<std::uint64_t> sums;
    for (auto const& address : person.addresses) {
        sums.push_back(checksum(address.key()));
        auto const before = addresses_.find(sums.back());
        if (before == addresses_.end()) continue;
        return Rejection{
            fmt::format("{} is the address of line {} already", address.to_log(), before->second)};
    }
    if (!person.host.empty() && !is_mail_host(person.host)) {
        return Rejection{
            fmt::format("the mail host \"{}\" is no name", schema::to_remark_text(person.host))};
    }
    auto const dn = name_of(person);
    if (!dn) return Rejection{dn.error().what};
    schema::RecipientWish wish;
    wish.kind = person.kind;
    wish.new_addresses = person.addresses;
    if (person.target) wish.target = resolver::TargetAddress{"SMTP", person.target->to_wire()};
    if (person.kind == RecipientKind::mailbox) {
        wish.host = settings_.mail_host.empty() ? person.host : settings_.mail_host;
    }
    auto const added = schema::new_entry(profile, *dn, called(person), wish);
    if (!added) return Rejection{added.error().what};
    auto entry = added->entry;
    if (person.disabled) set_switch(entry, profile.disabled);
    if (person.hidden) set_switch(entry, profile.hidden);
    add_x500(entry, person, line, report);
    for (auto const sum : sums) addresses_.emplace(sum, line);
    names_.emplace(checksum(dn->key()), line);
    for (auto const loss : person.losses) report.count(loss);
    if (wish.host.empty() && !person.server.empty()) report.see_server(person.server);
    return ldap::to_ldif(entry);
}

}  // namespace splitmx::migration
