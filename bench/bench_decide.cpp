// How long one decision takes with a directory in memory: the time of each of many decisions,
// sorted. usage: bench_decide [ENTRIES [DECISIONS]]
#include "directory/ldif_source.hpp"
#include "resolver/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace splitmx;
using Clock = std::chrono::steady_clock;

namespace {

std::filesystem::path write_people(std::size_t entries) {
    auto const path = std::filesystem::temp_directory_path() / "splitmx-bench-people.ldif";
    std::ofstream file(path);
    for (std::size_t i = 0; i < entries; ++i) {
        bool const custom = i % 4 == 0;
        file << fmt::format(
            "dn: uid=user{0},ou=people,dc=adatum,dc=com\nobjectClass: {1}\n"
            "splitmxAddress: user{0}@adatum.com\nsplitmxAddress: first.last{0}@adatum.com\n"
            "splitmxAddress: u{0}@shared.example\n{2}\n",
            i,
            custom ? "splitmxCustomRecipient" : "splitmxMailbox",
            custom ? fmt::format("splitmxTargetAddress: SMTP:u{}@shared.example\n", i) : ""
        );
    }
    return path;
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
    auto const notes = host("notes", "10.0.0.2");
    auto const pattern = [](std::string const& text) {
        return resolver::DomainPattern::parse(text).value();
    };
    table.acceptance.add({pattern("adatum.com"), resolver::Inbound{}, "bench:1"});
    table.acceptance.add({pattern("shared.example"), resolver::Inbound{}, "bench:2"});
    table.acceptance.add(
        {pattern("cpandl.net"),
         resolver::Reroute{mail::Domain::parse("adatum.com").value()},
         "bench:3"}
    );
    table.delivery.add({pattern("shared.example"), notes, "bench:4"});
    for (int i = 0; i < 1000; ++i) {
        table.delivery.add({pattern(fmt::format("site{}.example", i)), notes, "bench:5"});
    }
    return table;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t const entries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    std::size_t const decisions = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
    auto const people = write_people(entries);
    auto const loading = Clock::now();
    auto const directory =
        directory::LdifDirectory::load(people, *schema::find_profile("splitmx")).value();
    std::chrono::duration<double> const loaded = Clock::now() - loading;
    std::filesystem::remove(people);
    auto const table = make_table();

    std::minstd_rand random(1);
    char const* const domains[] = {"adatum.com", "shared.example", "cpandl.net"};
    char const* const forms[] = {"user{}@{}", "u{}@{}", "user{}@{}"};
    std::vector<resolver::Query> queries;
    for (std::size_t i = 0; i < decisions; ++i) {
        auto const kind = random() % 3;
        auto const text = fmt::format(fmt::runtime(forms[kind]), random() % entries, domains[kind]);
        queries.push_back(
            {mail::ForwardPath::parse(text).value(),
             mail::ReversePath::parse("bob@example.net").value(),
             {mail::IpAddress::parse("192.0.2.1").value(), {}, {}, {}},
             false}
        );
    }
    std::vector<double> times;
    times.reserve(decisions);
    std::size_t delivered = 0;
    for (auto const& query : queries) {
        auto const start = Clock::now();
        auto const resolution = resolver::resolve(query, table, *directory);
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        delivered += std::get<resolver::Decision>(resolution).verdict == resolver::Verdict::deliver;
    }
    std::sort(times.begin(), times.end());
    fmt::print(
        "{} entries loaded in {:.2f} s; {} decisions, {} delivered\n"
        "per decision: median {:.2f} us, p90 {:.2f} us, p99 {:.2f} us\n",
        entries,
        loaded.count(),
        decisions,
        delivered,
        times[decisions / 2],
        times[decisions * 9 / 10],
        times[decisions * 99 / 100]
    );
    return delivered == decisions ? 0 : 1;
}
