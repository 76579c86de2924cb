// Runs tests/golden/decisions: worlds an administrator can read, decided by the real code from the
// real files. ACCEPT=1 writes the present answers.
#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/decide.hpp"
#include "resolver/resolve.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace splitmx;
namespace fs = std::filesystem;

namespace {

fs::path const root = fs::path(SPLITMX_SOURCE_DIR) / "tests/golden/decisions";

struct Question {
    std::string line;  // as in the file, behind "> "
    std::string address;
    mail::ReversePath from;
    resolver::Client client;
    bool down = false;
    bool away = false;
    bool stale = false;
    bool accepted = false;
};

// The address may hold blanks; flags begin with " --".
Question parse_question(std::string const& line) {
    Question question;
    question.line = question.address = line;
    std::string from = "someone@outside.invalid";
    std::string client = "192.0.2.1";
    std::string local = "0.0.0.0";
    auto const flags = line.find(" --");
    if (flags != std::string::npos) {
        question.address = line.substr(0, flags);
        std::istringstream words(line.substr(flags));
        for (std::string word; words >> word;) {
            if (word == "--down")
                question.down = true;
            else if (word == "--away")
                question.away = true;
            else if (word == "--stale")
                question.stale = true;
            else if (word == "--accepted")
                question.accepted = true;
            else if (word == "--from")
                words >> from;
            else if (word == "--client")
                words >> client;
            else if (word == "--local-address")
                words >> local;
            else if (word == "--listener")
                words >> question.client.listener;
            else if (word == "--authenticated")
                words >> question.client.identity.emplace();
            else
                FAIL("unknown flag " << word << " in: " << line);
        }
    }
    question.from = mail::ReversePath::parse(from).value();
    question.client.address = mail::IpAddress::parse(client).value();
    question.client.local_address = mail::IpAddress::parse(local).value();
    return question;
}

std::string render(resolver::Decision const& decision) {
    auto text = fmt::format(
        "  {} {} {}\n",
        to_text(decision.verdict),
        mail::to_id(decision.reason),
        fmt::format("{} {}", decision.status.code, decision.status.enhanced_text())
    );
    for (auto const& route : decision.routes) {
        text += fmt::format(
            "  route  {} RCPT TO:{} {}{}\n",
            route.host->name,
            route.rcpt.to_log(),
            to_text(route.kind),
            route.entry ? "  " + route.entry->text : ""
        );
    }
    for (auto const& failed : decision.failed) {
        text += fmt::format(
            "  failed {} {} {} {}\n",
            failed.rcpt,
            mail::to_id(failed.reason),
            failed.status.code,
            failed.status.enhanced_text()
        );
    }
    text += "  rules ";
    for (auto const& step : decision.trace) text += fmt::format(" {}", resolver::to_id(step.rule));
    return text + "\n";
}

// Everything known, apart from one lookup that nobody can answer.
class Blinded final : public resolver::Directory {
public:
    Blinded(resolver::Directory const& real, int blind) : real_(real), blind_(blind) {}

    resolver::Answer find(mail::Mailbox const& address) const override {
        return blind() ? resolver::Answer(resolver::Unavailable{"test"}) : real_.find(address);
    }
    resolver::Answer find(resolver::EntryName const& name) const override {
        return blind() ? resolver::Answer(resolver::Unavailable{"test"}) : real_.find(name);
    }
    resolver::Answer find(mail::X500Address const& address) const override {
        return blind() ? resolver::Answer(resolver::Unavailable{"test"}) : real_.find(address);
    }
    int asked() const { return asked_; }

private:
    bool blind() const { return blind_ == asked_++ || blind_ == all; }

public:
    static constexpr int all = -2;
    static constexpr int none = -1;

private:
    resolver::Directory const& real_;
    int blind_;
    mutable int asked_ = 0;
};

// What is found counts; where nobody is found nothing is told.
class Silent final : public resolver::Directory {
public:
    Silent(resolver::Directory const& real, Question const& question)
        : real_(real), question_(question) {}

    resolver::Answer find(mail::Mailbox const& address) const override { return of(address); }
    resolver::Answer find(resolver::EntryName const& name) const override { return of(name); }
    resolver::Answer find(mail::X500Address const& address) const override { return of(address); }

private:
    template <class Key>
    resolver::Answer of(Key const& key) const {
        auto answer = real_.find(key);
        bool const told = !question_.away && !question_.stale;
        if (told || !std::holds_alternative<resolver::None>(answer)) return answer;
        return resolver::Unavailable{"test", question_.stale};
    }

    resolver::Directory const& real_;
    Question const& question_;
};

class ServiceView final : public resolver::Directory {
public:
    explicit ServiceView(directory::DirectoryService const& service) : service_(service) {}
    resolver::Answer find(mail::Mailbox const& a) const override { return service_.find(a); }
    resolver::Answer find(resolver::EntryName const& n) const override { return service_.find(n); }
    resolver::Answer find(mail::X500Address const& a) const override { return service_.find(a); }

private:
    directory::DirectoryService const& service_;
};

struct World {
    config::Config config;
    std::unique_ptr<directory::DirectoryService> service;

    explicit World(fs::path const& folder) {
        auto loaded = config::load(folder / "splitmx.toml", config::Purpose::look_up);
        INFO(loaded.report);
        REQUIRE(loaded.config.has_value());
        config = std::move(*loaded.config);
        // The machine's own addresses would make answers differ from machine to machine.
        auto const own = config.routing.self.addresses;
        config::add_machine(config);
        config.routing.self.addresses = own;
        auto started = directory::DirectoryService::start(config, {});
        REQUIRE(started.has_value());
        service = std::move(started.value());
    }

    resolver::Decision decide(Question const& question, int blind, int* asked = nullptr) const {
        auto const path = mail::ForwardPath::parse(question.address);
        if (!path) return resolver::refuse_bad_address(question.address, path.error().what);
        ServiceView const view(*service);
        Silent const silent(view, question);
        Blinded const directory(silent, question.down ? Blinded::all : blind);
        resolver::Query query{*path, question.from, question.client};
        query.accepted = question.accepted;
        auto resolution = resolver::resolve(query, config.routing, directory);
        if (asked) *asked = directory.asked();
        REQUIRE(std::holds_alternative<resolver::Decision>(resolution));
        return std::get<resolver::Decision>(std::move(resolution));
    }
};

std::string read(fs::path const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The file with every answer made anew; comments, blank lines and questions stay.
template <class Answer>
std::string replay(std::string const& text, Answer const& answer) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("  ")) continue;
        out += line + "\n";
        if (line.starts_with("> ")) out += answer(parse_question(line.substr(2)));
    }
    return out;
}

std::vector<fs::path> worlds() {
    std::vector<fs::path> folders;
    for (auto const& item : fs::directory_iterator(root)) {
        if (item.is_directory()) folders.push_back(item.path());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::string first_difference(std::string const& expected, std::string const& actual) {
    std::istringstream a(expected);
    std::istringstream b(actual);
    std::string left;
    std::string right;
    std::string question;
    for (int number = 1;; ++number) {
        bool const more_left = static_cast<bool>(std::getline(a, left));
        bool const more_right = static_cast<bool>(std::getline(b, right));
        if (!more_left && !more_right) return {};
        if (!more_left) left = "(end)";
        if (!more_right) right = "(end)";
        if (left != right) {
            return fmt::format(
                "line {}: {}\n  expected: {}\n  happened: {}", number, question, left, right
            );
        }
        if (left.starts_with(">")) question = left;
    }
}

}  // namespace

TEST_CASE("golden decisions") {
    bool const accept = std::getenv("ACCEPT") != nullptr;
    REQUIRE(worlds().size() > 10);
    for (auto const& folder : worlds()) {
        World const world(folder);
        auto const file = folder / "decisions.txt";
        auto const expected = read(file);
        auto const actual = replay(expected, [&](Question const& question) {
            return render(world.decide(question, Blinded::none));
        });
        if (accept) std::ofstream(file) << actual;
        INFO(file.string() << "\n" << first_difference(expected, actual));
        CHECK((accept || expected == actual));
    }
}

// Ignorance never becomes a bounce: whichever single lookup cannot be answered, a recipient that is
// deliverable is delivered as before or deferred, and nobody is called unknown.
TEST_CASE("golden decisions: one silent lookup never refuses what is deliverable") {
    for (auto const& folder : worlds()) {
        World const world(folder);
        replay(read(folder / "decisions.txt"), [&](Question const& question) {
            int asked = 0;
            auto const known = world.decide(question, Blinded::none, &asked);
            for (int blind = 0; blind < asked; ++blind) {
                auto const guess = world.decide(question, blind);
                INFO(folder.filename() << " " << question.line << ", lookup " << blind);
                INFO(render(known) << "became\n" << render(guess));
                bool const deferred = guess.verdict == resolver::Verdict::defer;
                bool const same = guess.verdict == known.verdict && guess.reason == known.reason &&
                                  guess.routes.size() == known.routes.size() &&
                                  guess.failed.size() == known.failed.size();
                CHECK((deferred || same));
            }
            return std::string();
        });
    }
}

TEST_CASE("golden decisions: every rule and every reason has a row") {
    std::set<std::string> rules;
    std::set<std::string> reasons;
    for (auto const& folder : worlds()) {
        World const world(folder);
        replay(read(folder / "decisions.txt"), [&](Question const& question) {
            auto const decision = world.decide(question, Blinded::none);
            for (auto const& step : decision.trace) rules.emplace(resolver::to_id(step.rule));
            reasons.emplace(mail::to_id(decision.reason));
            return std::string();
        });
    }
    // In tests/unit/resolver/resolve_test.cpp: a world of 10 001 members helps no reader, and the
    // configuration check refuses the other two.
    std::set<std::string> const elsewhere{
        "group.too_deep", "group.too_large", "reroute.cycle", "unknown.forward_nowhere"};
    for (auto const& rule : resolver::all_rules()) {
        if (elsewhere.contains(std::string(rule.id))) continue;
        INFO("no row in tests/golden/decisions follows the rule " << rule.id);
        CHECK(rules.contains(std::string(rule.id)));
    }
    std::set<std::string> const not_decided_here{"too_large", "expired"};
    for (auto const& reason : mail::all_reasons()) {
        if (not_decided_here.contains(std::string(reason.id))) continue;
        INFO("no row in tests/golden/decisions has the reason " << reason.id);
        CHECK(reasons.contains(std::string(reason.id)));
    }
}
