#include "directory/entry_desk.hpp"

#include "directory/servers.hpp"
#include "ldap/ldif.hpp"
#include "ldap/net/tool_session.hpp"
#include "schema/entry_filter.hpp"
#include "schema/recipient_filter.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::directory {

namespace {

using Entries = std::vector<ldap::Entry>;

std::vector<std::string> naming_attributes(schema::Profile const& profile) {
    std::vector<std::string> names = profile.members;
    for (auto const* more : {&profile.accept_from, &profile.reject_from}) {
        names.insert(names.end(), more->begin(), more->end());
    }
    if (!profile.alternate.empty()) names.push_back(profile.alternate);
    return names;
}

ldap::Filter filter_of_names(schema::Profile const& profile, ldap::Dn const& dn) {
    std::vector<ldap::Filter> any;
    for (auto const& name : naming_attributes(profile)) {
        any.push_back(ldap::Filter::equal(name, dn.text()));
    }
    return ldap::Filter::any_of(any);
}

bool names(schema::Profile const& profile, ldap::Entry const& entry, ldap::Dn const& dn) {
    for (auto const& attribute : naming_attributes(profile)) {
        for (auto const& value : entry.values(attribute)) {
            auto const named = ldap::Dn::parse(value);
            if (named && *named == dn) return true;
        }
    }
    return false;
}

}  // namespace

// Either a file's entries or a session; the questions are the same.
class EntryDesk::Access {
public:
    explicit Access(config::Directory wanted) : directory(std::move(wanted)) {}

    config::Directory directory;
    Entries entries;  // of a file
    std::optional<ldap::net::ToolSession> session;
    ldap::Dn base;

    mail::Error failed(std::string const& why) const {
        return mail::Error{fmt::format("directory \"{}\": {}", directory.name, why), 0};
    }

    template <class Wanted>
    mail::Result<Entries> ask(
        ldap::Dn const& from, ldap::Scope scope, ldap::Filter const& filter, Wanted wanted
    ) {
        Entries found;
        if (!session) {
            std::copy_if(entries.begin(), entries.end(), std::back_inserter(found), wanted);
            return found;
        }
        ldap::SearchRequest request;
        request.base = from;
        request.scope = scope;
        request.filter = filter;
        request.attributes = schema::requested_attributes(directory.profile);
        request.attributes.emplace_back("*");  // and those that no profile speaks of
        auto answer = session->read_all(request, directory.timeout);
        if (!answer && answer.error().code == ldap::Errc::no_such_base) return found;
        if (!answer) return failed(session->uri() + ": " + answer.error().what);
        std::copy_if(answer->begin(), answer->end(), std::back_inserter(found), wanted);
        return found;
    }
};

EntryDesk::EntryDesk(std::unique_ptr<Access> access) : access_(std::move(access)) {}
EntryDesk::EntryDesk(EntryDesk&&) noexcept = default;
EntryDesk& EntryDesk::operator=(EntryDesk&&) noexcept = default;
EntryDesk::~EntryDesk() = default;

config::Directory const& EntryDesk::directory() const { return access_->directory; }

mail::Result<EntryDesk> EntryDesk::open(config::Directory const& directory) {
    auto access = std::make_unique<Access>(directory);
    if (directory.ldif_file) {
        auto entries = ldap::read_ldif(*directory.ldif_file);
        if (!entries) return access->failed(entries.error().what);
        access->entries = std::move(*entries);
        return EntryDesk(std::move(access));
    }
    auto base = ldap::Dn::parse(directory.base);
    if (!base) return access->failed("base: " + base.error().what);
    access->base = std::move(*base);
    auto session = ldap::net::ToolSession::open(servers_of(directory));
    if (!session) return access->failed(session.error().what);
    access->session.emplace(std::move(*session));
    return EntryDesk(std::move(access));
}

mail::Result<std::vector<ldap::Entry>> EntryDesk::owners(mail::Mailbox const& address) {
    auto const& profile = access_->directory.profile;
    return access_->ask(
        access_->base,
        ldap::Scope::subtree,
        schema::filter_for(profile, address),
        [&](ldap::Entry const& entry) {
            auto const mapping = schema::map(profile, entry);
            auto const* recipient = mapping.recipient();
            return recipient && schema::owns(*recipient, address);
        }
    );
}

mail::Result<std::vector<ldap::Entry>> EntryDesk::at(ldap::Dn const& dn) {
    return access_->ask(dn, ldap::Scope::base, ldap::Filter(), [&](ldap::Entry const& entry) {
        return entry.dn() == dn;
    });
}

mail::Result<std::vector<ldap::Entry>> EntryDesk::referring_to(ldap::Dn const& dn) {
    auto const& profile = access_->directory.profile;
    if (naming_attributes(profile).empty()) return Entries();
    return access_->ask(
        access_->base,
        ldap::Scope::subtree,
        filter_of_names(profile, dn),
        [&](ldap::Entry const& entry) { return names(profile, entry, dn); }
    );
}

mail::Result<void> EntryDesk::apply(
    std::vector<ldap::Change> const& changes, WriteAccount const& account
) {
    if (is_file()) return access_->failed("an LDIF file is changed with an editor, not from here");
    auto servers = servers_of(access_->directory);
    for (auto& server : servers) {
        if (account.bind_dn.empty()) break;
        server.bind_dn = account.bind_dn;
        server.password = account.password;
    }
    auto session = ldap::net::ToolSession::open(servers);
    if (!session) return access_->failed(session.error().what);
    std::size_t made = 0;
    for (auto const& change : changes) {
        auto const done = session->apply(change, access_->directory.timeout);
        if (!done) {
            return access_->failed(fmt::format(
                "{}: {}: {}; {} of {} changes made",
                session->uri(),
                ldap::dn_of(change).text(),
                done.error().what,
                made,
                changes.size()
            ));
        }
        ++made;
    }
    return {};
}

}  // namespace splitmx::directory
