// Runs tests/golden/lint: each file is a small world (a configuration, a directory, perhaps what
// the DNS says) and the findings about it, as an administrator reads them. ACCEPT=1 writes them.
#include "lint/lint.hpp"

#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/listing.hpp"
#include "lint/repair.hpp"
#include "lint/text.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "golden_file.hpp"

using namespace splitmx;
using namespace splitmx::test;

namespace {

// "mx contoso.com = mx1.other.example elsewhere", "host mbx1.adatum.com = none"
lint::DnsFacts facts_of(std::string const& text) {
    lint::DnsFacts facts;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string kind;
        std::string name;
        std::string equals;
        std::string value;
        if (!(words >> kind >> name >> equals)) continue;
        if (kind == "host") {
            words >> value;
            auto& addresses = facts.addresses[name];
            if (value != "none") addresses.push_back(mail::IpAddress::parse(value).value());
            continue;
        }
        REQUIRE(kind == "mx");
        auto& fact = facts.exchangers[name];
        fact.form = lint::MxFact::Form::nobody;
        while (words >> value) {
            fact.hosts.push_back(value);
            fact.form = lint::MxFact::Form::elsewhere;
        }
        if (!fact.hosts.empty() && fact.hosts.front() == "here") {
            fact.form = lint::MxFact::Form::here;
        }
    }
    return facts;
}

struct Linted {
    lint::Findings findings;
    std::string text;
    std::string repair;
};

Linted run(Sections const& sections) {
    WorldFolder const world(sections);
    auto loaded = config::load("splitmx.toml", config::Purpose::look_up);
    INFO(loaded.report);
    REQUIRE(loaded.config.has_value());
    // The machine's own addresses would make findings differ from machine to machine.
    auto const own = loaded.config->routing.self.addresses;
    config::add_machine(*loaded.config);
    loaded.config->routing.self.addresses = own;
    auto const listing = directory::list_all(*loaded.config);
    INFO((listing ? "" : listing.error().what));
    REQUIRE(listing.has_value());
    lint::People const people(*listing);
    auto const dns = sections.find("dns");
    Linted linted;
    linted.findings = lint::lint(
        people, loaded.config->routing, facts_of(dns == sections.end() ? "" : dns->second)
    );
    for (auto const& finding : linted.findings) linted.text += lint::to_text(finding) + "\n";
    linted.text += lint::summary(lint::count(linted.findings), listing->recipients.size()) + "\n";
    linted.repair = lint::repair(linted.findings, *listing).ldif;
    return linted;
}

// "# not D001: why" stands before the entry, or the domain or host of the configuration, that is
// fine.
struct CounterExample {
    std::string id;
    std::string place;  // DN, or "splitmx.toml:LINE"
};

std::vector<CounterExample> counter_examples(Sections const& sections) {
    std::vector<CounterExample> examples;
    for (char const* name : {"people.ldif", "splitmx.toml"}) {
        auto const section = sections.find(name);
        if (section == sections.end()) continue;
        std::vector<std::string> open;
        std::istringstream lines(section->second);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (line.starts_with("# not ")) open.push_back(line.substr(6, 4));
            std::string place;
            if (line.starts_with("dn: ")) place = line.substr(4);
            if (line.starts_with("name = ") || line.starts_with("[host.")) {
                place = fmt::format("splitmx.toml:{}", number);
            }
            if (place.empty()) continue;
            for (auto const& id : open) examples.push_back({id, place});
            open.clear();
        }
        REQUIRE(open.empty());
    }
    return examples;
}

bool mentions(lint::Finding const& finding, std::string const& place) {
    if (finding.source == place) return true;
    for (auto const& one : finding.places) {
        if (one.dn == place) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("tests/golden/lint: the findings are those of the files", "[lint]") {
    for (auto const& file : golden_files("lint")) {
        auto const text = read(file);
        auto const sections = sections_of(text);
        auto const linted = run(sections);
        auto actual = text.substr(0, text.find("== findings\n")) + "== findings\n" + linted.text;
        if (!linted.repair.empty()) actual += "== repair\n" + linted.repair;
        if (std::getenv("ACCEPT")) {
            std::ofstream(file) << actual;
            continue;
        }
        INFO(file.filename().string() << "; ACCEPT=1 test_golden writes it");
        CHECK(actual == text);
    }
}

TEST_CASE("tests/golden/lint: every rule has a case, and a case against it", "[lint]") {
    std::set<std::string> found;
    std::set<std::string> spared;
    for (auto const& file : golden_files("lint")) {
        auto const sections = sections_of(read(file));
        auto const linted = run(sections);
        for (auto const& finding : linted.findings) {
            found.insert(std::string(lint::info(finding.rule).id));
        }
        for (auto const& example : counter_examples(sections)) {
            INFO(file.filename().string() << ": not " << example.id << " at " << example.place);
            spared.insert(example.id);
            for (auto const& finding : linted.findings) {
                if (lint::info(finding.rule).id == example.id) {
                    CHECK_FALSE(mentions(finding, example.place));
                }
            }
        }
    }
    for (auto const& rule : lint::all_rules()) {
        INFO(rule.id << " " << rule.name);
        CHECK(found.contains(std::string(rule.id)));
        CHECK(spared.contains(std::string(rule.id)));
    }
}
