// The directories through the control socket: how they are, reading one again, and letting removals
// happen that its copy holds.
#include "mail/clock.hpp"
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"
#include "relay/on_main.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "control/directory_json.hpp"

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;
namespace copy = directory::copy;

namespace {

constexpr std::chrono::milliseconds between_looks{50};
constexpr std::uint64_t longest_wait = 3600;  // seconds

using Directories = std::vector<config::Directory const*>;

// All, or the one that is named.
Directories wanted(Settings const& settings, json::object const& arguments) {
    auto const name = control::text_of(arguments, "name");
    Directories all;
    for (auto const& directory : settings.config.directories) {
        if (name.empty() || directory.name == name) all.push_back(&directory);
    }
    return all;
}

std::string no_such(json::object const& arguments) {
    auto const name = control::text_of(arguments, "name");
    return name.empty() ? "the relay has no directory"
                        : fmt::format("there is no [directory.{}]", name);
}

json::object outcome(std::string const& name, std::string_view what) {
    json::object row;
    row["name"] = name;
    row["outcome"] = what;
    return row;
}

json::object read_outcome(std::string const& name, copy::CopyHealth const& health) {
    auto row = outcome(name, health.held ? "held" : "read");
    row["changed"] = health.last_refresh.changed;
    row["removed"] = health.last_refresh.removed;
    row["took_ms"] = health.last_refresh.took.count();
    row["recipients"] = health.counts.recipients();
    if (health.held) row["held"] = control::to_json(health.held->loss);
    return row;
}

json::object failed_outcome(
    std::string const& name, std::string_view what, std::vector<std::string> const& problems
) {
    auto row = outcome(name, what);
    row["problem"] = problems.empty() ? std::string() : mail::to_log_text(problems.front());
    return row;
}

// One directory that is read again, from the wish to what came of it.
class Reading {
public:
    Reading(config::Directory const& directory, std::shared_ptr<directory::Source const> source)
        : name_(directory.name),
          servers_(directory.servers.size()),
          is_file_(directory.ldif_file.has_value()),
          source_(std::move(source)) {
        if (auto const health = source_->health(); health.copy) failures_ = health.copy->failures;
    }

    // Nothing: not yet.
    std::optional<json::object> look(directory::DirectoryService const& service) const {
        if (service.source(name_) != source_) return outcome(name_, "replaced");
        auto const health = source_->health();
        if (!health.copy) return outcome(name_, is_file_ ? "file" : "no_copy");
        auto const& copy = *health.copy;
        if (!copy.wants_everything) return read_outcome(name_, copy);
        if (health.state == directory::State::direct) {
            return failed_outcome(name_, "failed", copy.problems);
        }
        // Each server has had its turn.
        bool const all_failed = copy.failures - failures_ >= servers_ && !copy.connected;
        if (all_failed) return failed_outcome(name_, "failed", copy.problems);
        return std::nullopt;
    }

    json::object give_up() const {
        auto const health = source_->health();
        auto const problems = health.copy ? health.copy->problems : std::vector<std::string>();
        return failed_outcome(name_, "late", problems);
    }

private:
    std::string name_;
    std::size_t servers_;
    bool is_file_;
    std::shared_ptr<directory::Source const> source_;
    std::uint64_t failures_ = 0;
};

// `digest`: of the removals that were looked at; empty: whatever is held.
json::object accept_one(
    directory::DirectoryService& service, std::string const& name, std::string const& digest
) {
    auto const source = service.source(name);
    auto const health = source ? source->health() : directory::Health();
    if (!health.copy) return outcome(name, "no_copy");
    if (health.copy->held && !digest.empty() &&
        control::text_of(control::to_json(health.copy->held->loss), "digest") != digest) {
        return outcome(name, "others_held");
    }
    auto const result = service.accept_removals(name).value_or(copy::AcceptResult::nothing_held);
    switch (result) {
        case copy::AcceptResult::done:
            break;
        case copy::AcceptResult::nothing_held:
            return outcome(name, "nothing_held");
        case copy::AcceptResult::refresh_under_way:
            return outcome(name, "refresh_under_way");
    }
    auto row = outcome(name, "accepted");
    if (health.copy->held) row["held"] = control::to_json(health.copy->held->loss);
    return row;
}

// Of a source that counts nothing itself: a file, which is all there at any time.
json::object listed_entries(directory::Source const& source) {
    std::uint64_t mailboxes = 0;
    std::uint64_t custom_recipients = 0;
    std::uint64_t groups = 0;
    for (std::size_t part = 0; part < source.parts(); ++part) {
        for (auto const& one : source.part(part)) {
            switch (one.recipient->kind) {
                case resolver::RecipientKind::mailbox:
                    ++mailboxes;
                    break;
                case resolver::RecipientKind::custom_recipient:
                    ++custom_recipients;
                    break;
                case resolver::RecipientKind::group:
                    ++groups;
                    break;
            }
        }
    }
    return json::object{
        {"mailboxes", mailboxes}, {"custom_recipients", custom_recipients}, {"groups", groups}};
}

std::string log_text(json::object const& row) { return control::text_of(row, "outcome"); }

}  // namespace

asio::awaitable<bool> ControlDesk::directory_status(
    ControlSession& session, json::object const& arguments
) {
    auto const settings = grounds_.parts.settings();
    auto const directories = wanted(*settings, arguments);
    if (directories.empty()) co_return co_await session.fail(exit_data, no_such(arguments));
    for (auto const* directory : directories) {
        auto const source = settings->directory.source(directory->name);
        if (!source) continue;
        auto row = control::to_json(*directory, source->health());
        if (directory->ldif_file) row["entries"] = listed_entries(*source);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    end["now"] = mail::to_seconds(std::chrono::system_clock::now());
    co_return co_await session.done(std::move(end));
}

asio::awaitable<bool> ControlDesk::read_directory_again(
    ControlSession& session, json::object const& arguments
) {
    std::vector<Reading> readings;
    {
        auto const settings = grounds_.parts.settings();
        for (auto const* directory : wanted(*settings, arguments)) {
            auto source = settings->directory.source(directory->name);
            if (!source) continue;
            readings.emplace_back(*directory, std::move(source));
            settings->directory.read_again(directory->name);
        }
    }
    if (readings.empty()) co_return co_await session.fail(exit_data, no_such(arguments));
    auto const limit =
        std::clamp<std::uint64_t>(control::number_of(arguments, "seconds"), 1, longest_wait);
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(limit);
    asio::steady_timer pause(grounds_.main);
    for (auto const& reading : readings) {
        auto row = reading.look(grounds_.parts.settings()->directory);
        while (!row && std::chrono::steady_clock::now() < until) {
            pause.expires_after(between_looks);
            (void)co_await pause.async_wait(as_result);
            row = reading.look(grounds_.parts.settings()->directory);
        }
        if (!row) row = reading.give_up();
        audit(session.peer(), "directory sync", control::text_of(*row, "name"), log_text(*row));
        bool const open = co_await session.row(std::move(*row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

// On the pool: a hundred thousand removals must not hold up the main loop.
asio::awaitable<bool> ControlDesk::accept_removals(
    ControlSession& session, json::object const& arguments
) {
    auto const settings = grounds_.parts.settings();
    auto const directories = wanted(*settings, arguments);
    if (directories.empty()) co_return co_await session.fail(exit_data, no_such(arguments));
    for (auto const* directory : directories) {
        auto const arrival = std::make_shared<Arrival<json::object>>();
        auto const give = giver_to(grounds_.main, arrival);
        auto digest = control::text_of(arguments, "digest");
        asio::post(grounds_.parts.disk, [settings, name = directory->name, digest, give] {
            give(accept_one(settings->directory, name, digest));
        });
        auto row = co_await arrival->wait();
        audit(session.peer(), "directory accept", directory->name, log_text(row));
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
