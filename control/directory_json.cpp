#include "control/directory_json.hpp"

#include "mail/clock.hpp"

#include <fmt/format.h>

#include <chrono>

namespace splitmx::control {

namespace {

namespace copy = directory::copy;

void add(json::object& object, char const* name, std::optional<mail::Instant> const& instant) {
    if (instant) object[name] = mail::to_seconds(*instant);
}

std::string_view to_text(config::SyncMode mode) {
    switch (mode) {
        case config::SyncMode::automatic:
            return "auto";
        case config::SyncMode::syncrepl:
            return "syncrepl";
        case config::SyncMode::dirsync:
            return "dirsync";
        case config::SyncMode::poll:
            return "poll";
        case config::SyncMode::off:
            break;
    }
    return "off";
}

std::string_view method_of(config::Directory const& directory, directory::Health const& health) {
    if (directory.ldif_file) return "file";
    if (health.state == directory::State::direct || !health.copy || !health.copy->method) {
        return "live";
    }
    return ldap::to_text(*health.copy->method);
}

json::array texts(std::vector<std::string> const& all) {
    json::array array;
    for (auto const& text : all) array.emplace_back(mail::to_log_text(text));
    return array;
}

void add_copy(json::object& object, copy::CopyHealth const& copy) {
    if (!copy.server.empty()) object["server"] = mail::to_log_text(copy.server);
    object["connected"] = copy.connected;
    add(object, "connected_since", copy.connected_since);
    if (copy.connected && !copy.protection.empty()) object["protection"] = copy.protection;
    object["refreshing"] = copy.refreshing;
    object["entries"] = json::object{
        {"mailboxes", copy.counts.mailboxes},
        {"custom_recipients", copy.counts.custom_recipients},
        {"groups", copy.counts.groups},
        {"others", copy.counts.entries() - copy.counts.recipients()}};
    using resolver::MailboxUse;
    auto const used_as = [&](MailboxUse use) {
        return copy.counts.uses[static_cast<std::size_t>(use)];
    };
    object["uses"] = json::object{
        {"linked", used_as(MailboxUse::linked)},
        {"shared", used_as(MailboxUse::shared)},
        {"room", used_as(MailboxUse::room)},
        {"equipment", used_as(MailboxUse::equipment)},
        {"remote", used_as(MailboxUse::remote)}};
    json::object skipped;
    for (auto const& [type, count] : copy.foreign_addresses) skipped[type] = count;
    object["skipped"] = std::move(skipped);
    add(object, "last_heard", copy.last_heard);
    add(object, "last_change", copy.last_change);
    add(object, "snapshot", copy.snapshot);
    if (!copy.held) return;
    auto held = to_json(copy.held->loss);
    held["since"] = mail::to_seconds(copy.held->since);
    object["held"] = std::move(held);
}

}  // namespace

json::object to_json(copy::Loss const& loss) {
    json::object object;
    object["lost"] = loss.lost;
    object["entries"] = loss.entries;
    object["domains"] = texts(loss.domains);
    object["examples"] = texts(loss.examples);
    object["digest"] = fmt::format("{:016x}", loss.digest);
    return object;
}

json::object to_json(config::Directory const& directory, directory::Health const& health) {
    json::object object;
    object["name"] = directory.name;
    object["profile"] = directory.profile.name;
    object["method"] = method_of(directory, health);
    object["state"] = directory::to_text(health.state);
    object["age_s"] = health.age_s;
    if (directory.ldif_file) {
        object["file"] = mail::to_log_text(directory.ldif_file->string());
    } else {
        object["sync"] = to_text(directory.sync);
        json::array servers;
        for (auto const& server : directory.servers) servers.emplace_back(server.uri);
        object["servers"] = std::move(servers);
        object["base"] = mail::to_log_text(directory.base);
        object["bind_dn"] = mail::to_log_text(directory.bind_dn);
    }
    if (health.copy) add_copy(object, *health.copy);
    auto problems = health.copy ? health.copy->problems : std::vector<std::string>();
    if (problems.empty() && !health.detail.empty()) problems.push_back(health.detail);
    object["problems"] = texts(problems);
    return object;
}

}  // namespace splitmx::control
