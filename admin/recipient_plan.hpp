// What is to be done to a recipient, worked out before anything is done: the changes, what they
// make of its mail, and what speaks against them. Threads: blocking. Errors: of planning, one line
// each, with the exit code they mean.
#pragma once

#include "admin/exit_code.hpp"
#include "config/config.hpp"
#include "directory/directory_service.hpp"
#include "directory/entry_desk.hpp"
#include "ldap/change.hpp"
#include "resolver/decision.hpp"
#include "schema/recipient_change.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::admin {

struct PlanError {
    ExitCode code;
    std::string what;
};

struct Plan {
    std::vector<ldap::Change> changes;
    std::vector<std::string> comments;    // for people; one line or more each
    std::vector<std::string> objections;  // why it should not be done
};

// Where a new entry goes.
struct NewEntryPlace {
    std::string dn;         // its whole name; else:
    std::string container;  // the entry it is put below
    std::string name;       // how people call it; empty: from the address
};

class RecipientPlanner {
public:
    // `directory`: the name of one, where there are several.
    static std::variant<RecipientPlanner, PlanError> open(
        config::Config const& config, std::string const& directory
    );

    // The entries that have the address.
    std::variant<std::vector<ldap::Entry>, PlanError> owners(mail::Mailbox const& address);
    // What becomes of mail for the address now.
    resolver::Decision decide(mail::Mailbox const& address) const;

    std::variant<Plan, PlanError> add(
        schema::RecipientWish const& wish, NewEntryPlace const& place
    );
    // Of the entry that has the address.
    std::variant<Plan, PlanError> convert(
        mail::Mailbox const& address, schema::RecipientWish const& wish
    );
    std::variant<Plan, PlanError> remove(mail::Mailbox const& address, bool address_only);

    directory::EntryDesk& desk() { return desk_; }
    schema::Profile const& profile() const { return desk_.directory().profile; }

private:
    RecipientPlanner(
        config::Config const& config,
        directory::EntryDesk desk,
        std::unique_ptr<directory::DirectoryService> service
    )
        : config_(&config), desk_(std::move(desk)), service_(std::move(service)) {}

    std::variant<ldap::Entry, PlanError> only_owner(mail::Mailbox const& address);
    std::optional<PlanError> check_new_addresses(std::vector<mail::Mailbox> const& addresses);
    resolver::Decision decide(directory::DirectoryService& service, mail::Mailbox const& address)
        const;
    // Compares mail for these addresses before and after, for comments and objections.
    void foresee(
        Plan& plan,
        ldap::Dn const& dn,
        std::optional<ldap::Entry> const& after,
        std::vector<mail::Mailbox> const& addresses
    ) const;
    std::optional<PlanError> detach(Plan& plan, ldap::Entry const& entry);

    config::Config const* config_;
    directory::EntryDesk desk_;
    std::unique_ptr<directory::DirectoryService> service_;
};

}  // namespace splitmx::admin
