#include "directory/listing.hpp"

#include "directory/entry_changes.hpp"
#include "directory/servers.hpp"
#include "ldap/ldif.hpp"
#include "ldap/net/tool_session.hpp"
#include "schema/entry_filter.hpp"
#include "schema/recipient_filter.hpp"
#include "schema/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace splitmx::directory {

namespace {

mail::Error failed(config::Directory const& directory, std::string const& why) {
    return mail::Error{fmt::format("directory \"{}\": {}", directory.name, why), 0};
}

ldap::Result<std::vector<ldap::Entry>> read_server(config::Directory const& directory) {
    auto base = ldap::Dn::parse(directory.base);
    if (!base) return base.error();
    auto session = ldap::net::ToolSession::open(servers_of(directory));
    if (!session) return session.error();
    ldap::SearchRequest request;
    request.base = std::move(*base);
    request.filter = directory.profile.filter;
    request.attributes = schema::requested_attributes(directory.profile);
    for (auto& name : schema::name_attributes()) request.attributes.push_back(std::move(name));
    auto entries = session->read_all(request, directory.timeout);
    if (entries) return entries;
    auto error = entries.error();
    error.what = session->uri() + ": " + error.what;
    return error;
}

std::optional<ldap::Error> add_entries(
    schema::Listing& listing,
    std::size_t source,
    std::vector<ldap::Entry> entries,
    schema::EntryFilter const* filter,
    EntryChanges& changes
) {
    for (auto& entry : entries) {
        if (!changes.is_empty()) {
            auto const dn = entry.dn();
            auto changed = changes.settle(dn, std::move(entry));
            if (!changed) return changed.error();
            if (!*changed) continue;
            entry = std::move(**changed);
        }
        if (filter && !filter->matches(entry)) {
            ++listing.sources[source].others;
            continue;
        }
        listing.add(source, std::make_shared<ldap::Entry const>(std::move(entry)));
    }
    return std::nullopt;
}

}  // namespace

mail::Result<schema::Listing> list_all(
    config::Config const& config, std::span<ldap::Change const> changes
) {
    schema::Listing listing;
    EntryChanges pending(changes);
    for (auto const& directory : config.directories) {
        auto const source = listing.sources.size();
        listing.sources.push_back({directory.name, directory.profile, 0});
        auto const filter = schema::EntryFilter::compile(directory.profile.filter);
        // A server has applied the filter already, even one that cannot be applied here.
        if (directory.ldif_file && !filter) return failed(directory, filter.error().what);
        auto entries =
            directory.ldif_file ? ldap::read_ldif(*directory.ldif_file) : read_server(directory);
        if (!entries) return failed(directory, entries.error().what);
        auto const wrong =
            add_entries(listing, source, std::move(*entries), filter ? &*filter : nullptr, pending);
        if (wrong) return mail::Error{wrong->what, 0};
    }
    if (pending.is_empty() || listing.sources.empty()) return listing;
    // What is left adds entries.
    std::vector<ldap::Entry> added;
    for (auto const& dn : pending.names()) {
        auto entry = pending.settle(dn, std::nullopt);
        if (!entry) return mail::Error{entry.error().what, 0};
        if (*entry) added.push_back(std::move(**entry));
    }
    if (auto const wrong = add_entries(listing, 0, std::move(added), nullptr, pending)) {
        return mail::Error{wrong->what, 0};
    }
    return listing;
}

}  // namespace splitmx::directory
