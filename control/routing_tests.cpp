#include "control/routing_tests.hpp"

#include "config/suggestion.hpp"
#include "directory/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace splitmx::control {

namespace {

constexpr std::string_view verdicts[] = {"deliver", "refuse", "defer", "bounce"};

std::vector<std::string> outcomes() {
    std::vector<std::string> all(std::begin(verdicts), std::end(verdicts));
    for (auto const& info : mail::all_reasons()) all.emplace_back(info.id);
    return all;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        auto const begin = text.find_first_not_of(separators);
        if (begin == text.npos) break;
        text.remove_prefix(begin);
        auto const end = std::min(text.find_first_of(separators), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

std::string with_hint(std::string text, std::string const& word, auto const& known) {
    auto const hint = config::did_you_mean(config::nearest(word, known));
    return hint.empty() ? text : text + "; " + hint;
}

// One word "name=value" of a line. None: it is understood.
std::optional<std::string> take_option(
    RoutingTest& test, std::string const& name, std::string const& value
) {
    std::map<std::string, std::string*> const places{
        {"rcpt", &test.rcpt},
        {"from", &test.with.from},
        {"client", &test.with.client},
        {"local-address", &test.with.local_address},
        {"listener", &test.with.listener},
    };
    auto const place = places.find(name);
    if (place != places.end()) {
        *place->second = value;
        return std::nullopt;
    }
    if (name == "login") {
        test.with.identity = value;
        return std::nullopt;
    }
    std::vector<std::string> known{"login"};
    for (auto const& [one, where] : places) known.push_back(one);
    return with_hint(fmt::format("there is no \"{}=\"", name), name, known);
}

// None: the test is whole.
std::optional<std::string> read_line(std::vector<std::string> const& words, RoutingTest& test) {
    test.address = words.front();
    if (words.size() < 2) return "what becomes of it? Such as \"mailbox mailboxes\"";
    test.outcome = words[1];
    auto const known = outcomes();
    if (std::find(known.begin(), known.end(), test.outcome) == known.end()) {
        return with_hint(
            fmt::format("there is no outcome \"{}\"", test.outcome), test.outcome, known
        );
    }
    for (std::size_t i = 2; i < words.size(); ++i) {
        auto const equals = words[i].find('=');
        if (equals != std::string::npos) {
            auto fault = take_option(test, words[i].substr(0, equals), words[i].substr(equals + 1));
            if (fault) return fault;
        } else if (test.hosts.empty() && i == 2) {
            test.hosts = split(words[i], ",");
            std::sort(test.hosts.begin(), test.hosts.end());
        } else {
            return fmt::format("\"{}\" is one word too many", words[i]);
        }
    }
    auto const asker = read_asker(test.with);
    if (!asker) return asker.error().what.substr(asker.error().what.find_first_not_of('-'));
    return std::nullopt;
}

std::vector<std::string> hosts_of(resolver::Decision const& decision) {
    std::vector<std::string> hosts;
    for (auto const& route : decision.routes) hosts.push_back(route.host->name);
    std::sort(hosts.begin(), hosts.end());
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    return hosts;
}

std::string words(
    std::string outcome, std::vector<std::string> const& hosts, std::string const& rcpt
) {
    if (!hosts.empty()) outcome += fmt::format(" at {}", fmt::join(hosts, " and "));
    if (!rcpt.empty()) outcome += " as " + rcpt;
    return outcome;
}

bool has_rcpt(resolver::Decision const& decision, std::string const& rcpt) {
    return std::any_of(decision.routes.begin(), decision.routes.end(), [&](auto const& route) {
        return route.rcpt.to_wire() == rcpt;
    });
}

resolver::Decision decide(
    RoutingTest const& test,
    resolver::RoutingTable const& table,
    directory::DirectoryService& service
) {
    auto const asker = read_asker(test.with);
    std::vector<std::string> const one{test.address};
    Batch batch(one, asker.value());
    auto const queries = batch.take_queries();
    return std::move(batch.finish(directory::decide_now(service, table, queries)).front());
}

}  // namespace

RoutingTests parse_routing_tests(std::string_view text) {
    RoutingTests all;
    std::istringstream lines{std::string(text)};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (auto const comment = line.find('#'); comment != line.npos) line.erase(comment);
        auto const words = split(line, " \t\r");
        if (words.empty()) continue;
        RoutingTest test;
        test.line = number;
        if (auto fault = read_line(words, test))
            all.faults.push_back({number, mail::to_log_text(*fault)});
        else
            all.tests.push_back(std::move(test));
    }
    return all;
}

mail::Result<RoutingTests> read_routing_tests(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    if (!in) return mail::Error{file.string() + " cannot be read", 0};
    return parse_routing_tests(text);
}

TestResult judge(RoutingTest const& test, resolver::Decision const& decision) {
    auto const reason = std::string(mail::to_id(decision.reason));
    auto const hosts = hosts_of(decision);
    bool const is_right = (test.outcome == reason || test.outcome == to_text(decision.verdict)) &&
                          (test.hosts.empty() || test.hosts == hosts) &&
                          (test.rcpt.empty() || has_rcpt(decision, test.rcpt));
    if (is_right) return {TestVerdict::passed, {}};
    auto const rcpt = test.rcpt.empty() || decision.routes.empty()
                          ? std::string()
                          : decision.routes.front().rcpt.to_wire();
    auto text = mail::to_log_text(fmt::format(
        "{}: {}, but must be {}",
        test.address,
        words(reason, hosts, rcpt),
        words(test.outcome, test.hosts, test.rcpt)
    ));
    bool const unknowable = decision.reason == mail::Reason::directory_unavailable;
    return {unknowable ? TestVerdict::undecided : TestVerdict::failed, std::move(text)};
}

std::string TestRun::report() const {
    std::string text;
    for (auto const& line : lines) text += line + "\n";
    return text;
}

std::string TestRun::summary() const {
    auto const all = passed + failed + undecided;
    auto const plural = all == 1 ? "" : "s";
    auto text =
        failed == 0
            ? fmt::format(
                  "{} routing test{} pass{}",
                  passed,
                  passed == 1 ? "" : "s",
                  passed == 1 ? "es" : ""
              )
            : fmt::format(
                  "{} of {} routing test{} fail{}", failed, all, plural, failed == 1 ? "s" : ""
              );
    if (undecided > 0) text += fmt::format(", {} cannot be decided now", undecided);
    return text;
}

TestRun run_routing_tests(
    std::filesystem::path const& file,
    resolver::RoutingTable const& table,
    directory::DirectoryService& service
) {
    TestRun run;
    auto const name = file.filename().string();
    auto const read = read_routing_tests(file);
    if (!read) {
        run.failed = 1;
        run.lines.push_back("error: " + read.error().what);
        return run;
    }
    std::map<std::size_t, std::string> lines;
    for (auto const& fault : read->faults) lines[fault.line] = "error: " + fault.text;
    run.failed = read->faults.size();
    for (auto const& test : read->tests) {
        auto result = judge(test, decide(test, table, service));
        if (result.verdict == TestVerdict::passed) ++run.passed;
        if (result.verdict == TestVerdict::failed) ++run.failed;
        if (result.verdict == TestVerdict::undecided) ++run.undecided;
        if (result.verdict == TestVerdict::passed) continue;
        auto const kind = result.verdict == TestVerdict::failed ? "error" : "warning: undecided";
        lines[test.line] = fmt::format("{}: {}", kind, result.text);
    }
    for (auto& [line, text] : lines)
        run.lines.push_back(fmt::format("{}:{}: {}", name, line, text));
    return run;
}

}  // namespace splitmx::control
