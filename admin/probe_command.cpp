#include "admin/probe_command.hpp"

#include "admin/complaint.hpp"
#include "admin/host_test.hpp"
#include "admin/judge.hpp"
#include "admin/terminal.hpp"
#include "config/values.hpp"
#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <random>
#include <utility>

namespace splitmx::admin {

namespace {

namespace json = control::json;

constexpr char const* probe_verb = "probe";

// Names one probe in logs and mailboxes.
std::string probe_id() {
    std::random_device chance;
    return fmt::format("{:08x}{:08x}", chance(), chance());
}

// RFC 3834 5: whoever answers mail by a program leaves it alone.
std::string message_for(
    std::string const& rcpt, std::string const& id, config::Config const& config
) {
    auto const hostname = config.server.hostname.text();
    auto const& postmaster = config.routing.postmaster;
    return fmt::format(
        "From: {}\r\nTo: {}\r\nSubject: splitmx probe {}\r\nDate: {}\r\n"
        "Message-ID: <probe-{}@{}>\r\nAuto-Submitted: auto-generated\r\nX-Splitmx-Probe: {}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        "An administrator of {} sent this with `splitmx probe` to see\r\n"
        "whether mail for this address arrives. It may be deleted.\r\n",
        postmaster ? postmaster->to_wire() : "postmaster@" + hostname,
        rcpt,
        id,
        mail::to_date_time(std::chrono::system_clock::now()),
        id,
        hostname,
        id,
        hostname
    );
}

Errand errand_for(
    std::string const& rcpt, mail::ReversePath const& from, std::string const& content
) {
    smtp::Delivery delivery;
    delivery.from = from;
    delivery.recipients.emplace_back(rcpt);
    delivery.size = content.size();
    delivery.envelope_only = content.empty();
    return {std::move(delivery), content};
}

struct Outcome {
    std::string text;
    ExitCode code;
    std::optional<mail::Status> reply{};  // of the host
};

Outcome verdict_of(HostTest const& test, std::string const& rcpt, bool sent) {
    std::optional<mail::Status> outcome;
    for (auto const& one : test.addresses) {
        if (one.outcome) outcome = one.outcome;
    }
    if (!outcome) {
        auto const code = test.is_permanent ? ExitCode::no_such_host : ExitCode::temporary;
        return {
            fmt::format("{} cannot be asked now; mail for {} would wait", test.host, rcpt), code};
    }
    auto text = outcome->to_log();
    for (auto& c : text) c = c == '\n' ? ' ' : c;
    if (outcome->is_positive()) {
        return {
            fmt::format("{} {} {}", test.host, sent ? "has taken the message for" : "takes", rcpt),
            ExitCode::ok,
            outcome};
    }
    if (outcome->is_permanent()) {
        return {
            fmt::format("{} refuses {}: {}", test.host, rcpt, text),
            ExitCode::unknown_recipient,
            outcome};
    }
    return {
        fmt::format("{} does not take {} now: {}", test.host, rcpt, text),
        ExitCode::temporary,
        outcome};
}

std::string_view word_of(Outcome const& verdict) {
    if (!verdict.reply) return "unreachable";
    if (verdict.reply->is_positive()) return "taken";
    return verdict.reply->is_permanent() ? "refused" : "later";
}

std::string_view word_of(HostTestLine::Kind kind) {
    switch (kind) {
        case HostTestLine::Kind::sent:
            return "relay";
        case HostTestLine::Kind::received:
            return "host";
        case HostTestLine::Kind::note:
            break;
    }
    return "note";
}

double seconds_of(mail::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

json::array dialogue_json(HostTest const& test) {
    json::array servers;
    for (auto const& one : test.addresses) {
        json::array lines;
        for (auto const& line : one.lines) {
            json::object said;
            said["by"] = word_of(line.kind);
            said["text"] = mail::to_log_text(line.text);
            if (line.after) said["after_s"] = seconds_of(*line.after);
            lines.push_back(std::move(said));
        }
        servers.push_back(json::object{{"name", one.name}, {"lines", std::move(lines)}});
    }
    return servers;
}

class Probe {
public:
    Probe(ProbeOptions const& options, Context const& context, config::Config const& config)
        : options_(options), context_(context), config_(config) {}

    ExitCode run(
        JudgedRoute const& route,
        mail::ReversePath const& from,
        std::optional<mail::Duration> longest_wait
    ) {
        auto const host = find_host(route.host, config_.routing);
        if (!host) {
            context_.streams.error << "splitmx probe: there is no [host." << route.host << "] in "
                                   << config_.file.string() << "\n";
            return ExitCode::no_such_host;
        }
        auto const id = probe_id();
        auto const content = options_.send ? message_for(route.rcpt, id, config_) : "";
        DialOptions dial;
        dial.longest_wait = longest_wait;
        dial.errand = errand_for(route.rcpt, from, content);
        auto const tested = test_host(route.host, *host, config_, std::move(dial));
        if (!tested) {
            context_.streams.error << "splitmx probe: " << tested.error().what << "\n";
            return ExitCode::unavailable;
        }
        auto const verdict = verdict_of(*tested, route.rcpt, options_.send);
        if (options_.json) {
            print_json(route, *tested, verdict, id);
            return verdict.code;
        }
        auto& output = context_.streams.output;
        Paint const paint(context_.global.colour, output);
        if (!context_.global.quiet) output << dialogue_text(*tested) << "\n";
        output << (verdict.code == ExitCode::ok ? paint.green(verdict.text)
                                                : paint.red(verdict.text))
               << "\n";
        if (options_.send && verdict.code == ExitCode::ok) {
            output << "its Subject is \"splitmx probe " << id << "\"\n";
        }
        return verdict.code;
    }

private:
    void print_json(
        JudgedRoute const& route,
        HostTest const& test,
        Outcome const& verdict,
        std::string const& id
    ) const {
        json::object object;
        object["address"] = mail::to_log_text(options_.address);
        object["rcpt"] = route.rcpt;
        object["host"] = test.host;
        object["result"] = word_of(verdict);
        if (verdict.reply) {
            object["code"] = verdict.reply->code;
            object["reply"] = mail::to_log_text(verdict.reply->to_log());
        }
        if (!test.trouble.empty()) object["trouble"] = mail::to_log_text(test.trouble);
        bool const is_sent = options_.send && verdict.code == ExitCode::ok;
        if (is_sent) object["message"] = fmt::format("splitmx probe {}", id);
        object["servers"] = dialogue_json(test);
        context_.streams.output << json::serialize(object) << "\n";
    }

    ProbeOptions const& options_;
    Context const& context_;
    config::Config const& config_;
};

}  // namespace

ExitCode probe(ProbeOptions const& options, Context const& context) {
    auto const from = mail::ReversePath::parse(options.from);
    if (!from) return wrong_usage(context, probe_verb, "--from: " + from.error().what);
    std::optional<mail::Duration> longest_wait;
    if (!options.timeout.empty()) {
        auto const parsed = config::parse_duration(options.timeout);
        if (!parsed) return wrong_usage(context, probe_verb, "--timeout: " + parsed.error().what);
        longest_wait = *parsed;
    }
    auto opened = Judge::open(options.offline, context, probe_verb);
    if (auto const* code = std::get_if<ExitCode>(&opened)) return *code;
    auto& judge = std::get<Judge>(opened);
    control::AskedWith with;
    with.from = from->to_wire();
    with.client = options.client;
    auto judged = judge.ask(with, options.address);
    if (auto const* code = std::get_if<ExitCode>(&judged)) return *code;
    auto const& decision = std::get<Judged>(judged);
    if (options.json && decision.routes.empty()) {
        json::object object;
        object["address"] = mail::to_log_text(options.address);
        object["result"] = decision.is_accepted() ? "returned_here" : "refused_here";
        object["code"] = decision.reply.code;
        object["reply"] = decision.reply.to_log();
        context.streams.output << json::serialize(object) << "\n";
    }
    if (!options.json) context.streams.output << decision.summary;
    auto code = decision.code;
    Probe probe(options, context, judge.config());
    for (auto const& route : decision.routes) {
        if (!context.global.quiet && !options.json) context.streams.output << "\n";
        context.streams.output << std::flush;
        code = worst(code, probe.run(route, *from, longest_wait));
    }
    return code;
}

}  // namespace splitmx::admin
