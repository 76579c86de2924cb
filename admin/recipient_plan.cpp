#include "admin/recipient_plan.hpp"

#include "directory/decide.hpp"
#include "directory/what_if.hpp"
#include "schema/recipient_filter.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/decision_text.hpp"

namespace splitmx::admin {

namespace {

using Entries = std::vector<ldap::Entry>;

PlanError refused(std::string what) { return {ExitCode::bad_data, std::move(what)}; }
PlanError unreadable(mail::Error const& error) { return {ExitCode::unavailable, error.what}; }

std::string names_of(Entries const& entries) {
    std::string names;
    for (auto const& entry : entries) {
        names += (names.empty() ? "" : "; ") + mail::to_log_text(entry.dn().text());
    }
    return names;
}

// What `splitmx resolve` prints, without the words that the client hears.
std::string foretold(mail::Mailbox const& address, resolver::Decision const& decision) {
    if (decision.verdict != resolver::Verdict::deliver) {
        return fmt::format(
            "{}  ->  {} {} {}  {}",
            address.to_log(),
            decision.verdict == resolver::Verdict::defer ? "deferred" : "refused",
            decision.status.code,
            decision.status.enhanced_text(),
            mail::to_id(decision.reason)
        );
    }
    auto text = control::summary(address.to_wire(), decision);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

config::Directory const* find(config::Config const& config, std::string const& name) {
    auto const& all = config.directories;
    if (name.empty()) return all.size() == 1 ? &all.front() : nullptr;
    auto const found =
        std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::variant<RecipientPlanner, PlanError> RecipientPlanner::open(
    config::Config const& config, std::string const& directory
) {
    auto const* wanted = find(config, directory);
    if (!wanted) {
        std::string names;
        for (auto const& one : config.directories) names += " " + one.name;
        return PlanError{ExitCode::usage, "--directory is one of:" + names};
    }
    auto desk = directory::EntryDesk::open(*wanted);
    if (!desk) return unreadable(desk.error());
    auto service = directory::DirectoryService::start(config, {}, nullptr, directory::Following::no);
    if (!service) return PlanError{ExitCode::configuration, service.error().what};
    return RecipientPlanner(config, std::move(*desk), std::move(service.value()));
}

resolver::Decision RecipientPlanner::decide(
    directory::DirectoryService& service, mail::Mailbox const& address
) const {
    // As an outsider's mail comes in: what the world would get.
    resolver::Query query{mail::ForwardPath(address), {}, {}, false};
    query.from = mail::ReversePath::parse("someone@outside.invalid").value();
    query.client.address = mail::IpAddress::parse("192.0.2.1").value();
    std::vector<resolver::Query> queries(1, query);
    return std::move(directory::decide_now(service, config_->routing, queries).front());
}

resolver::Decision RecipientPlanner::decide(mail::Mailbox const& address) const {
    return decide(*service_, address);
}

std::variant<Entries, PlanError> RecipientPlanner::owners(mail::Mailbox const& address) {
    auto found = desk_.owners(address);
    if (!found) return unreadable(found.error());
    return std::move(*found);
}

std::variant<ldap::Entry, PlanError> RecipientPlanner::only_owner(mail::Mailbox const& address) {
    auto found = desk_.owners(address);
    if (!found) return unreadable(found.error());
    if (found->empty()) {
        return PlanError{
            ExitCode::unknown_recipient,
            fmt::format(
                "nobody in directory \"{}\" has {}", desk_.directory().name, address.to_log()
            )};
    }
    if (found->size() > 1) {
        return refused(fmt::format(
            "{} is held by {} entries: {}", address.to_log(), found->size(), names_of(*found)
        ));
    }
    return std::move(found->front());
}

void RecipientPlanner::foresee(
    Plan& plan,
    ldap::Dn const& dn,
    std::optional<ldap::Entry> const& after,
    std::vector<mail::Mailbox> const& addresses
) const {
    resolver::RecipientPtr now;
    if (after) {
        auto mapping = schema::map(profile(), *after);
        if (auto* recipient = std::get_if<resolver::Recipient>(&mapping.outcome)) {
            now = std::make_shared<resolver::Recipient const>(std::move(*recipient));
        }
    }
    auto const then = directory::what_if(*service_, schema::to_entry_name(dn), now);
    for (auto const& address : addresses) {
        auto const before = decide(*service_, address);
        auto const later = decide(*then, address);
        plan.comments.push_back("now   " + foretold(address, before));
        plan.comments.push_back("then  " + foretold(address, later));
        bool const wanted = now && schema::owns(*now, address);
        if (!wanted || later.verdict == resolver::Verdict::deliver) continue;
        if (later.reason == mail::Reason::relay_denied) {
            plan.objections.push_back(fmt::format(
                "no [[domain]] accepts {}: nobody could write to {}",
                address.domain().text(),
                address.to_log()
            ));
            continue;
        }
        plan.objections.push_back(fmt::format(
            "mail for {} would get {} ({})",
            address.to_log(),
            later.status.to_log(),
            mail::to_id(later.reason)
        ));
    }
}

std::optional<PlanError> RecipientPlanner::check_new_addresses(
    std::vector<mail::Mailbox> const& addresses
) {
    // Of every directory: the address must be free in all of them.
    for (auto const& address : addresses) {
        auto const before = directory::decide_now(
            *service_, config_->routing, {resolver::Query{mail::ForwardPath(address), {}, {}, true}}
        );
        if (before.front().reason == mail::Reason::directory_unavailable) {
            return PlanError{
                ExitCode::unavailable,
                fmt::format("nobody can say now whether {} is free", address.to_log())};
        }
        auto const answer = service_->find(resolver::LookupKey(address));
        std::vector<resolver::EntryName> holders;
        if (auto const* one = std::get_if<resolver::One>(&answer)) {
            holders.push_back(one->recipient->name);
        } else if (auto const* many = std::get_if<resolver::Many>(&answer)) {
            holders = many->names;
        }
        auto found = desk_.owners(address);
        if (!found) return unreadable(found.error());
        for (auto const& entry : *found) holders.push_back(schema::to_entry_name(entry.dn()));
        if (holders.empty()) continue;
        return refused(fmt::format(
            "{} is held by {} already", address.to_log(), mail::to_log_text(holders.front().text)
        ));
    }
    return std::nullopt;
}

std::variant<Plan, PlanError> RecipientPlanner::add(
    schema::RecipientWish const& wish, NewEntryPlace const& place
) {
    auto const& address = wish.new_addresses.front();
    auto dn = ldap::Dn::parse(place.dn);
    if (place.dn.empty()) {
        auto const container = ldap::Dn::parse(place.container);
        if (place.container.empty() || !container) {
            return PlanError{
                ExitCode::usage,
                "where? --in CONTAINER puts it below that entry, --dn DN names it whole"};
        }
        bool const by_name =
            profile().name == "activedirectory" || wish.kind != resolver::RecipientKind::mailbox;
        auto const name = place.name.empty() ? address.local_part().value() : place.name;
        dn =
            container->child(by_name ? "cn" : "uid", by_name ? name : address.local_part().value());
    }
    if (!dn || dn->is_root()) return PlanError{ExitCode::usage, "that is no DN"};
    if (auto error = check_new_addresses(wish.new_addresses)) return *error;
    auto const there = desk_.at(*dn);
    if (!there) return unreadable(there.error());
    Plan plan;
    std::optional<ldap::Entry> after;
    if (there->empty()) {
        auto const naming = dn->naming();
        auto const name = !place.name.empty() ? place.name
                          : ldap::equal_no_case(naming.attribute, "cn")
                              ? naming.value
                              : address.local_part().value();
        auto const added = schema::new_entry(profile(), *dn, {name}, wish);
        if (!added) return refused(added.error().what);
        after = added->entry;
        plan.changes.emplace_back(*added);
    } else {
        auto const change = schema::change_into(profile(), there->front(), wish);
        if (!change) return refused(change.error().what);
        auto const entry = ldap::apply(*change, there->front());
        if (!entry) return refused(entry.error().what);
        after = *entry;
        plan.changes.emplace_back(*change);
    }
    foresee(plan, *dn, after, wish.new_addresses);
    return plan;
}

std::variant<Plan, PlanError> RecipientPlanner::convert(
    mail::Mailbox const& address, schema::RecipientWish const& wish
) {
    auto owner = only_owner(address);
    if (auto* error = std::get_if<PlanError>(&owner)) return std::move(*error);
    auto const& entry = std::get<ldap::Entry>(owner);
    if (auto error = check_new_addresses(wish.new_addresses)) return *error;
    auto const change = schema::change_into(profile(), entry, wish);
    if (!change) return refused(change.error().what);
    auto const after = ldap::apply(*change, entry);
    if (!after) return refused(after.error().what);
    Plan plan;
    plan.changes.emplace_back(*change);
    auto const mapping = schema::map(profile(), *after);
    auto const* recipient = mapping.recipient();
    foresee(plan, entry.dn(), *after, recipient ? recipient->addresses : std::vector{address});
    return plan;
}

// Takes the entry off the lists that name it, where the profile says how.
std::optional<PlanError> RecipientPlanner::detach(Plan& plan, ldap::Entry const& entry) {
    auto const referring = desk_.referring_to(entry.dn());
    if (!referring) return unreadable(referring.error());
    for (auto const& other : *referring) {
        if (other.dn() == entry.dn()) continue;
        plan.objections.push_back(
            fmt::format("{} refers to it", mail::to_log_text(other.dn().text()))
        );
        auto const change =
            schema::without_member(profile(), other, schema::to_entry_name(entry.dn()));
        if (change) {
            plan.changes.emplace_back(*change);
        } else {
            plan.comments.push_back(
                fmt::format("left as it is: {}", mail::to_log_text(other.dn().text()))
            );
        }
    }
    return std::nullopt;
}

std::variant<Plan, PlanError> RecipientPlanner::remove(
    mail::Mailbox const& address, bool address_only
) {
    auto owner = only_owner(address);
    if (auto* error = std::get_if<PlanError>(&owner)) return std::move(*error);
    auto const& entry = std::get<ldap::Entry>(owner);
    Plan plan;
    if (address_only) {
        auto const change = schema::without_address(profile(), entry, address);
        if (!change) return refused(change.error().what);
        auto const after = ldap::apply(*change, entry);
        if (!after) return refused(after.error().what);
        plan.changes.emplace_back(*change);
        foresee(plan, entry.dn(), *after, {address});
        return plan;
    }
    auto const mapping = schema::map(profile(), entry);
    auto const* recipient = mapping.recipient();
    if (auto error = detach(plan, entry)) return *error;
    plan.changes.emplace_back(ldap::DeleteEntry{entry.dn()});
    plan.comments.push_back(
        "deletes the entry with all that it holds; --address-only takes one address away"
    );
    foresee(
        plan, entry.dn(), std::nullopt, recipient ? recipient->addresses : std::vector{address}
    );
    return plan;
}

}  // namespace splitmx::admin
