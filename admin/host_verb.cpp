#include "admin/daemon.hpp"
#include "admin/host_test.hpp"
#include "admin/status_text.hpp"
#include "admin/verbs.hpp"
#include "config/machine.hpp"
#include "config/read.hpp"
#include "mail/clock.hpp"

#include <chrono>
#include <memory>

namespace splitmx::admin {

namespace {

namespace json = control::json;

ExitCode list(bool as_json, Context const& context) {
    Daemon daemon(socket_path(context.global));
    auto const now = mail::to_seconds(std::chrono::system_clock::now());
    auto& out = context.streams.output;
    bool first = true;
    auto const answer = daemon.ask("host.list", {}, [&](json::object const& host) {
        if (as_json) {
            out << json::serialize(host) << "\n";
            return;
        }
        if (std::exchange(first, false)) out << host_heading();
        out << host_line(host, now);
    });
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("host list", *failure, context.streams);
    }
    return ExitCode::ok;
}

ExitCode change(
    std::string const& verb,
    std::string const& name,
    std::string const& reason,
    Context const& context
) {
    Daemon daemon(socket_path(context.global));
    json::object arguments;
    arguments["name"] = name;
    arguments["reason"] = reason;
    auto const answer = daemon.ask("host." + verb, std::move(arguments));
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("host " + verb, *failure, context.streams);
    }
    bool const changed = control::flag_of(std::get<control::Done>(answer).content, "changed");
    if (context.global.quiet) return ExitCode::ok;
    std::string const state = verb == "pause" ? "paused" : "resumed";
    auto const as_before = verb == "pause" ? " was paused already" : " was not paused";
    context.streams.output << name << (changed ? " is " + state : as_before) << "\n";
    return ExitCode::ok;
}

ExitCode test(std::string const& name, Context const& context) {
    auto loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    auto& config = *loaded.config;
    config::add_machine(config);
    auto const host = find_host(name, config.routing);
    if (!host) {
        context.streams.error << "splitmx host test: there is no [host." << name << "] in "
                              << context.global.config_file << "\n";
        return ExitCode::no_such_host;
    }
    auto const tested = test_host(name, *host, config);
    if (!tested) {
        context.streams.error << "splitmx host test: " << tested.error().what << "\n";
        return ExitCode::unavailable;
    }
    context.streams.output << to_text(*tested);
    if (tested->works()) return ExitCode::ok;
    return tested->is_permanent ? ExitCode::no_such_host : ExitCode::temporary;
}

}  // namespace

void add_host(Verb& splitmx) {
    struct Given {
        std::string name;
        std::string reason;
        bool json = false;
    };
    auto const given = std::make_shared<Given>();
    auto host = splitmx.verb("host", "the systems that mail is handed to");
    auto listing = host.verb("list", "all next hops, and how they are");
    listing.flag("--json", given->json, "one JSON object a line");
    listing.run([given](Context const& context) { return list(given->json, context); });
    auto trial = host.verb("test", "connect and greet, without the relay; nothing is sent");
    trial.word("name", given->name, "a [host.NAME], or an address such as mx:example.net");
    trial.run([given](Context const& context) { return test(given->name, context); });
    auto pause = host.verb("pause", "send nothing to a host; its mail waits, also over a restart");
    pause.word("name", given->name, "as `host list` names it");
    pause.option("--reason", "TEXT", given->reason, "for those who ask why");
    pause.run([given](Context const& context) {
        return change("pause", given->name, given->reason, context);
    });
    auto resume = host.verb("resume", "send to a paused host again");
    resume.word("name", given->name, "as `host list` names it");
    resume.run([given](Context const& context) {
        return change("resume", given->name, "", context);
    });
}

}  // namespace splitmx::admin
