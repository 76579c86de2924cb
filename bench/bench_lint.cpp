// How long lint takes over a directory in memory, faults included. usage: bench_lint [ENTRIES]
#include "lint/lint.hpp"
#include "lint/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

using namespace splitmx;
using Clock = std::chrono::steady_clock;

namespace {

// Of a hundred: a quarter are custom recipients, one is a group of a hundred, some have faults.
std::shared_ptr<ldap::Entry const> person(std::size_t i, std::size_t entries) {
    auto entry = std::make_shared<ldap::Entry>(
        ldap::Dn::parse(fmt::format("uid=user{},ou=people,dc=adatum,dc=com", i)).value()
    );
    auto const put = [&](char const* name, std::string value) {
        entry->add(name, std::move(value));
    };
    put("splitmxAddress", fmt::format("user{}@adatum.com", i));
    put("splitmxAddress", fmt::format("first.last{}@adatum.com", i % 1000 == 7 ? i - 7 : i));
    put("splitmxAddress",
        fmt::format("u{}@{}", i, i % 50 == 9 ? "gone.example" : "shared.example"));
    if (i % 100 == 3) {
        put("objectClass", "splitmxGroup");
        for (std::size_t k = 0; k < 100; ++k) {
            put("member",
                fmt::format("uid=user{},ou=people,dc=adatum,dc=com", (i * 31 + k * 7) % entries));
        }
    } else if (i % 4 == 0) {
        put("objectClass", "splitmxCustomRecipient");
        auto const domain = i % 500 == 0 ? "adatum.com" : "shared.example";
        put("splitmxTargetAddress", fmt::format("SMTP:u{}@{}", i, domain));
    } else {
        put("objectClass", "splitmxMailbox");
        if (i % 3 == 0) put("splitmxMailHost", "mbx2.adatum.com");
    }
    return entry;
}

resolver::HostPtr host(char const* name, char const* address) {
    auto made = std::make_shared<resolver::Host>();
    made->name = name;
    made->addresses.push_back(
        resolver::HostAddress::parse(address, resolver::Protocol::smtp).value()
    );
    return made;
}

resolver::RoutingTable make_table() {
    resolver::RoutingTable table;
    table.mailbox_host = host("mailboxes", "10.0.0.1");
    auto const pattern = [](char const* text) {
        return resolver::DomainPattern::parse(text).value();
    };
    table.acceptance.add({pattern("adatum.com"), resolver::Inbound{}, "bench:1"});
    table.acceptance.add({pattern("shared.example"), resolver::Inbound{}, "bench:2"});
    table.delivery.add({pattern("shared.example"), host("notes", "10.0.0.2"), "bench:3"});
    return table;
}

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t const entries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    schema::Listing listing;
    listing.sources.push_back({"bench", *schema::find_profile("splitmx"), 0});
    auto start = Clock::now();
    for (std::size_t i = 0; i < entries; ++i) listing.add(0, person(i, entries));
    auto const mapped = since(start);
    auto const table = make_table();
    start = Clock::now();
    lint::People const people(listing);
    auto const indexed = since(start);
    start = Clock::now();
    auto const findings = lint::lint(people, table, {});
    auto const linted = since(start);
    fmt::print(
        "{} entries: made and mapped {:.2f} s, indexed {:.2f} s, linted {:.2f} s\n{}\n",
        entries,
        mapped,
        indexed,
        linted,
        lint::summary(lint::count(findings), listing.recipients.size())
    );
    return findings.empty() ? 1 : 0;
}
