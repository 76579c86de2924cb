#include "admin/directory_check.hpp"

#include "admin/status_text.hpp"
#include "admin/world.hpp"
#include "config/read.hpp"
#include "directory/servers.hpp"
#include "directory/view_server.hpp"
#include "lint/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <sstream>
#include <utility>

namespace splitmx::admin {

namespace {

namespace json = control::json;

// An administrator waits for it.
constexpr std::chrono::milliseconds patience{3000};
// Beyond that nobody wants to wait for all of them to be read.
constexpr std::uint64_t most_people = 200'000;

std::string test(ldap::net::ConnectSettings server) {
    server.timeout = std::min(server.timeout, patience);
    auto const seen = directory::greet_server({std::move(server)});
    return seen ? std::string() : seen.error().what;
}

// All at once; the slowest one sets the pace.
ServerTests test_others(json::object const& row, config::Directory const& directory) {
    auto const used = control::text_of(row, "server");
    std::map<std::string, std::future<std::string>> running;
    for (auto const& server : directory::servers_of(directory)) {
        if (server.uri == used || used.empty()) continue;
        running.emplace(server.uri, std::async(std::launch::async, test, server));
    }
    ServerTests tests;
    for (auto& [uri, outcome] : running) tests.emplace(uri, outcome.get());
    return tests;
}

std::uint64_t people_in(json::object const& row) {
    auto const* value = row.if_contains("entries");
    auto const* entries = value != nullptr ? value->if_object() : nullptr;
    if (entries == nullptr) return 0;
    std::uint64_t sum = 0;
    for (auto const* kind : {"mailboxes", "custom_recipients", "groups"}) {
        sum += control::number_of(*entries, kind);
    }
    return sum;
}

std::string people_line(std::uint64_t people, Context const& context) {
    constexpr char const* label = "lint       ";
    if (people > most_people) return std::string(label) + "see splitmx directory lint\n";
    std::ostringstream nothing;
    Streams const silent{context.streams.input, nothing, nothing};
    auto const loaded = world_from_relay({context.global, silent}, "directory status");
    auto const* const world = std::get_if<World>(&loaded);
    if (world == nullptr || world->listing.recipients.empty()) return {};
    lint::People const all(world->listing);
    auto const counts = lint::count(lint::lint(all, world->config.routing, {}));
    if (counts.errors + counts.warnings == 0) return std::string(label) + "no findings\n";
    return fmt::format(
        "{}{}, {}  (splitmx directory lint)\n",
        label,
        counted(counts.errors, "error"),
        counted(counts.warnings, "warning")
    );
}

}  // namespace

DirectoryCheck check_directories(std::vector<json::object> const& rows, Context const& context) {
    DirectoryCheck check;
    std::uint64_t people = 0;
    for (auto const& row : rows) people += people_in(row);
    check.people = people_line(people, context);
    auto const loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) return check;
    for (auto const& row : rows) {
        auto const name = control::text_of(row, "name");
        for (auto const& directory : loaded.config->directories) {
            if (directory.name != name || directory.ldif_file) continue;
            check.servers.emplace(name, test_others(row, directory));
        }
    }
    return check;
}

}  // namespace splitmx::admin
