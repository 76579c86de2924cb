#include "observe/tally.hpp"

#include "observe/exposition.hpp"
#include "support/every_event.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace splitmx;
using namespace splitmx::observe;

namespace {

RecipientRefused refused(std::string address) {
    RecipientRefused event;
    event.address = std::move(address);
    return event;
}

DeliveryAttempted attempted(std::string hop, int code, int milliseconds = 1500) {
    DeliveryAttempted event;
    event.hop = std::move(hop);
    event.status = {code, {0, 0}, ""};
    event.delay = mail::Duration(milliseconds);
    return event;
}

std::uint64_t all(Counts const& counts) {
    std::uint64_t sum = 0;
    for (auto const& [first, inner] : counts) {
        for (auto const& [second, count] : inner) sum += count;
    }
    return sum;
}

}  // namespace

TEST_CASE("tally: labels are what the configuration names, and nothing else") {
    Tally tally;
    tally.set_known(
        {{"notes", "mailboxes"}, {"contoso.com", "#contoso.com", "b.example", ".c.example"}}
    );
    struct Row {
        char const* address;
        char const* domain;
    };
    std::vector<Row> const rows{
        {"a@contoso.com", "#contoso.com"},
        {"a@CONTOSO.com", "#contoso.com"},
        {"a@x.contoso.com", "contoso.com"},
        {"\"a@b\"@x.y.b.example", "b.example"},
        {"a@b.example", "b.example"},
        {"a@x.c.example", ".c.example"},
        {"a@c.example", "other"},
        {"a@notcontoso.com", "other"},
        {"a@com", "other"},
        {"a@", "other"},
        {"postmaster", "other"},
        {"", "other"},
    };
    std::map<std::string, std::uint64_t> expected;
    for (auto const& row : rows) {
        tally.see(refused(row.address));
        ++expected[row.domain];
    }
    for (auto const* hop : {"notes", "mx:example.net", "mx:example.org", "10.0.0.1:25", "", "x"}) {
        tally.see(attempted(hop, 250));
    }
    auto const sums = tally.sum();
    std::map<std::string, std::uint64_t> found;
    for (auto const& [domain, reasons] : sums.decisions)
        found[domain] = reasons.at("unknown_recipient");
    CHECK(found == expected);
    REQUIRE(sums.attempts.size() == 3);
    CHECK(sums.attempts.at("notes").at("sent") == 1);
    CHECK(sums.attempts.at("mx").at("sent") == 2);
    CHECK(sums.attempts.at("other").at("sent") == 3);
}

TEST_CASE("tally: what is counted") {
    Tally tally;
    tally.see(ClientConnected{"S1", {}, "main"});
    tally.see(ClientRefused{{}, "main", "too many", ""});
    tally.see(ClientRefused{{}, "main", "too much mail in a minute", "S1"});  // it was let in
    MessageReceived received;
    received.listener = "main";
    received.size = 5000;
    tally.see(received);
    tally.see(attempted("x", 250, 1500));
    tally.see(attempted("x", 451));
    tally.see(attempted("x", 550));
    auto by_operator = attempted("x", 554);
    by_operator.by = "admin";
    tally.see(by_operator);  // no host was asked
    tally.see(ReportSent{"I3", "I1", {}, ReportKind::failed, {}, {}, 9, "admin"});
    tally.see(ReportSent{"I2", "I1", {}, ReportKind::failed, {}, mail::Reason::loop, 9});
    tally.see(ReportSent{"I2", "I1", {}, ReportKind::delayed, {}, {}, 9});
    RecipientDecided decided{"I1", "a@b.c", {}, mail::Reason::mailbox, {}, 0};
    tally.see(decided);  // from the queue, again
    decided.session = "S1";
    tally.see(decided);
    auto const sums = tally.sum();
    CHECK(sums.connections.at("main").at("accepted") == 1);
    CHECK(sums.connections.at("main").at("refused") == 1);
    CHECK(sums.messages.at("main").at("") == 1);
    CHECK(sums.sizes.counts == std::array<std::uint64_t, 8>{0, 0, 1, 0, 0, 0, 0, 0});
    CHECK(sums.sizes.sum == 5000);
    CHECK(sums.attempts.at("other").at("deferred") == 1);
    CHECK(sums.attempts.at("other").at("failed") == 1);
    CHECK(
        sums.delays.at("other").counts == std::array<std::uint64_t, 9>{0, 0, 0, 1, 0, 0, 0, 0, 0}
    );
    CHECK(sums.reports.at("failed").at("loop") == 1);
    CHECK(sums.reports.at("failed").at("by_operator") == 1);
    CHECK(sums.reports.at("delayed").at("refused_by_host") == 1);
    CHECK(all(sums.decisions) == 1);
}

TEST_CASE("tally: threads count apart, and all is summed, also of those that have ended") {
    Tally tally;
    Tally other;
    constexpr int threads = 4;
    constexpr int each = 5000;
    {
        std::vector<std::jthread> all;
        for (int i = 0; i < threads; ++i) {
            all.emplace_back([&] {
                for (int k = 0; k < each; ++k) {
                    tally.see(ClientConnected{"S", {}, "main"});
                    if (k % 1000 == 0) tally.set_known({{"notes"}, {}});
                    if (k % 2 == 0) other.see(ClientConnected{"S", {}, "main"});
                }
            });
        }
        for (int i = 0; i < 100; ++i) CHECK(all.size() == threads);
    }
    CHECK(tally.sum().connections.at("main").at("accepted") == threads * each);
    CHECK(other.sum().connections.at("main").at("accepted") == threads * each / 2);
}

TEST_CASE("tally: whatever comes from outside makes no label") {
    Tally tally;
    for (int i = 0; i < 1000; ++i) {
        auto const text = "x" + std::to_string(i);
        for (auto const& event : support::every_event(text + "@" + text + ".example"))
            tally.see(event);
    }
    auto const sums = tally.sum();
    CHECK(sums.decisions.size() == 1);
    CHECK(sums.attempts.size() == 1);
    CHECK(sums.delays.empty());
}

TEST_CASE("exposition: the text that Prometheus reads") {
    Exposition out;
    out.family(Exposition::Kind::counter, "splitmx_x_total", "Things that happened.");
    out.add({{"host", "a\"b\\c\nd"}}, 2);
    out.add({{"host", "e"}}, 3);
    out.family(Exposition::Kind::gauge, "splitmx_up", "Whether it is.");
    out.add(1);
    out.histogram_family("splitmx_size_bytes", "Sizes.");
    std::array<double, 2> const bounds{1, 10};
    std::array<std::uint64_t, 3> const counts{4, 0, 2};
    out.add_histogram({}, bounds, counts, 33);
    CHECK(
        out.text() ==
        "# HELP splitmx_x_total Things that happened.\n"
        "# TYPE splitmx_x_total counter\n"
        "splitmx_x_total{host=\"a\\\"b\\\\c\\nd\"} 2\n"
        "splitmx_x_total{host=\"e\"} 3\n"
        "# HELP splitmx_up Whether it is.\n"
        "# TYPE splitmx_up gauge\n"
        "splitmx_up 1\n"
        "# HELP splitmx_size_bytes Sizes.\n"
        "# TYPE splitmx_size_bytes histogram\n"
        "splitmx_size_bytes_count 6\n"
        "splitmx_size_bytes_sum 33\n"
        "splitmx_size_bytes_bucket{le=\"1\"} 4\n"
        "splitmx_size_bytes_bucket{le=\"10\"} 4\n"
        "splitmx_size_bytes_bucket{le=\"+Inf\"} 6\n"
    );
}
