// What the relay says of itself, its hosts and its configuration.
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"
#include "relay/hop.hpp"
#include "relay/on_main.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

std::string_view to_text(HostCondition condition) {
    switch (condition) {
        case HostCondition::up:
            return "up";
        case HostCondition::down:
            return "down";
        case HostCondition::paused:
            return "paused";
    }
    return {};
}

json::object host_object(HostView const& view) {
    json::object host;
    host["name"] = view.name;
    host["state"] = to_text(view.condition);
    host["since"] = mail::to_seconds(view.since);
    host["waiting"] = view.waiting;
    host["in_delivery"] = view.in_delivery;
    host["connections"] = view.connections;
    host["may_connect"] = view.may_connect;
    host["limit"] = view.limit;
    host["last_answer"] = mail::to_log_text(view.last_answer);
    if (view.last_answer_at) host["last_answer_at"] = mail::to_seconds(*view.last_answer_at);
    if (view.condition == HostCondition::paused) {
        host["reason"] = mail::to_log_text(view.pause_reason);
    }
    if (view.next_probe) host["next_try"] = mail::to_seconds(*view.next_probe);
    return host;
}

json::object queue_object(QueueTotals const& totals) {
    json::object queue;
    queue["messages"] = totals.messages;
    queue["octets"] = totals.octets;
    queue["deferred"] = totals.deferred;
    queue["in_delivery"] = totals.in_delivery;
    queue["held"] = totals.held;
    queue["complete"] = totals.complete;
    if (totals.oldest) queue["oldest"] = mail::to_seconds(*totals.oldest);
    return queue;
}

std::string result_of(HostAnswer const& answer) {
    switch (answer.result) {
        case HostChange::done:
            return "done";
        case HostChange::unchanged:
            return "unchanged";
        case HostChange::no_such_host:
            return "no such host";
        case HostChange::not_written:
            break;
    }
    return "failed: " + answer.why;
}

json::object sandbox_object(Sandbox const& sandbox) {
    json::object object{{"on", sandbox.is_on()}};
    if (!sandbox.is_on()) {
        object["why_not"] = sandbox.why_not;
        return object;
    }
    object["version"] = sandbox.version;
    json::array read;
    for (auto const& place : sandbox.reach.read) read.emplace_back(place.string());
    object["read"] = std::move(read);
    json::array write;
    for (auto const& place : sandbox.reach.write) write.emplace_back(place.string());
    object["write"] = std::move(write);
    return object;
}

json::array texts(std::vector<config::Change> const& changes) {
    json::array all;
    for (auto const& change : changes) all.emplace_back(config::to_text(change));
    return all;
}

}  // namespace

json::object ControlDesk::status_object(QueueSnapshot const& snapshot) const {
    auto const settings = grounds_.parts.settings();
    json::object status;
    status["version"] = grounds_.version;
    status["pid"] = static_cast<std::int64_t>(::getpid());
    status["now"] = mail::to_seconds(std::chrono::system_clock::now());
    status["started"] = mail::to_seconds(started_);
    status["config"] = settings->config.file.string();
    status["generation"] = settings->generation;
    status["hash"] = settings->config.hash;
    status["sandbox"] = sandbox_object(grounds_.sandbox);
    json::array listeners;
    for (auto const& view : grounds_.listeners.views()) {
        listeners.push_back(json::object{
            {"name", view.name}, {"address", view.endpoint}, {"sessions", view.sessions}});
    }
    status["listeners"] = std::move(listeners);
    if (auto const& identity = grounds_.certificates.identity()) {
        auto const now = std::chrono::system_clock::now();
        status["certificate"] = json::object{
            {"name", mail::to_log_text(identity->name())},
            {"not_after", mail::to_seconds(identity->not_after())},
            {"trouble", tls::validity_trouble(*identity, now)}};
    }
    json::object directories;
    for (auto const& [name, health] : settings->directory.health()) {
        directories[name] = json::object{
            {"state", directory::to_text(health.state)},
            {"age_s", health.age_s},
            {"detail", mail::to_log_text(health.detail)}};
    }
    status["directories"] = std::move(directories);
    status["queue"] = queue_object(snapshot.totals);
    json::array hosts;
    for (auto const& view : snapshot.hosts) hosts.push_back(host_object(view));
    status["hosts"] = std::move(hosts);
    auto const usage = grounds_.parts.store.usage();
    status["spool"] = json::object{
        {"path", settings->config.spool.path.string()},
        {"used", usage.used},
        {"limit", usage.limit},
        {"damaged", usage.damaged},
        {"degraded", usage.is_degraded}};
    if (auto const& last = grounds_.keeper.last_reload()) {
        status["last_reload"] = json::object{
            {"at", mail::to_seconds(last->at)},
            {"by", last->by},
            {"done", last->done},
            {"text", mail::to_log_text(last->text)}};
    }
    status["waits_for_restart"] = texts(grounds_.keeper.at_restart());
    return status;
}

asio::awaitable<bool> ControlDesk::status(ControlSession& session, json::object const&) {
    auto const now = co_await snapshot();
    auto object = status_object(now);
    co_return co_await session.done(std::move(object));
}

asio::awaitable<bool> ControlDesk::list_hosts(ControlSession& session, json::object const&) {
    auto const now = co_await snapshot();
    for (auto const& view : now.hosts) {
        auto row = host_object(view);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

asio::awaitable<bool> ControlDesk::pause_host(
    ControlSession& session, json::object const& arguments
) {
    auto name = control::text_of(arguments, "name");
    auto reason = control::text_of(arguments, "reason");
    auto const arrival = std::make_shared<Arrival<HostAnswer>>();
    grounds_.queue.pause_host(name, reason, giver_to(grounds_.main, arrival));
    auto answer = co_await arrival->wait();
    auto what = reason.empty() ? name : fmt::format("{} reason=\"{}\"", name, reason);
    co_return co_await say_host_change(
        session, "host pause", std::move(name), std::move(what), std::move(answer)
    );
}

asio::awaitable<bool> ControlDesk::resume_host(
    ControlSession& session, json::object const& arguments
) {
    auto name = control::text_of(arguments, "name");
    auto const arrival = std::make_shared<Arrival<HostAnswer>>();
    grounds_.queue.resume_host(name, giver_to(grounds_.main, arrival));
    auto answer = co_await arrival->wait();
    auto what = name;
    co_return co_await say_host_change(
        session, "host resume", std::move(name), std::move(what), std::move(answer)
    );
}

asio::awaitable<bool> ControlDesk::say_host_change(
    ControlSession& session,
    std::string verb,
    std::string name,
    std::string what,
    HostAnswer answer
) {
    audit(session.peer(), std::move(verb), std::move(what), result_of(answer));
    if (answer.result == HostChange::no_such_host) {
        auto text = no_such_host(name, *grounds_.parts.settings()->table);
        co_return co_await session.fail(exit_unknown_host, std::move(text));
    }
    if (answer.result == HostChange::not_written) {
        co_return co_await session.fail(exit_io, std::move(answer.why));
    }
    json::object end;
    end["changed"] = answer.result == HostChange::done;
    co_return co_await session.done(std::move(end));
}

asio::awaitable<bool> ControlDesk::reload(ControlSession& session, json::object const&) {
    auto const arrival = std::make_shared<Arrival<ReloadAnswer>>();
    auto const by = session.peer().to_text();
    grounds_.keeper.reload(by, giver_to(grounds_.main, arrival));
    auto const answer = co_await arrival->wait();
    if (auto const* refused = std::get_if<ReloadRefused>(&answer)) {
        audit(session.peer(), "reload", "", fmt::format("refused: {}", refused->first_error));
        auto report = refused->report;
        co_return co_await session.fail(exit_configuration, std::move(report));
    }
    auto const& done = std::get<Reloaded>(answer);
    audit(session.peer(), "reload", "", fmt::format("generation {}", done.generation));
    json::object end;
    end["generation"] = done.generation;
    end["hash"] = done.hash;
    end["changes"] = texts(done.changes);
    end["waits_for_restart"] = texts(done.at_restart);
    end["warnings"] = done.warnings;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
