// How long it takes to follow a directory: the first load, a change until its event, a new session
// from a cookie, with and without the session log. Needs slapd; runs one in a temporary directory.
// usage: bench_sync [ENTRIES [CHANGES]]
#include "ldap/net/sync_client.hpp"
#include "ldap/net/tool_session.hpp"
#include "support/slapd.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

using namespace splitmx;
using Clock = std::chrono::steady_clock;

namespace {

// Counts what comes, keeps the cookie, and does nothing else: the cost is that of the client.
class Counter : public ldap::sync::Consumer {
public:
    std::optional<ldap::sync::Cookie> start_cookie(std::string const&, ldap::ServerFacts const&)
        override {
        std::lock_guard const lock(mutex_);
        return cookie_;
    }

    ldap::sync::Reply take(std::vector<ldap::sync::Event> events) override {
        std::lock_guard const lock(mutex_);
        for (auto const& event : events) {
            if (auto const* change = std::get_if<ldap::sync::EntryChange>(&event)) {
                ++entries_;
                if (change->cookie) cookie_ = change->cookie;
            } else if (auto const* end = std::get_if<ldap::sync::RefreshEnds>(&event)) {
                ++refreshes_;
                if (end->cookie) cookie_ = end->cookie;
            }
        }
        heard_ = Clock::now();
        changed_.notify_all();
        return ldap::sync::Reply::go_on;
    }

    // When the n-th refresh ended, or the n-th entry was told of.
    Clock::time_point refresh(std::size_t n) {
        return wait([&] { return refreshes_ >= n; });
    }
    Clock::time_point entry(std::size_t n) {
        return wait([&] { return entries_ >= n; });
    }
    std::size_t entries() {
        std::lock_guard const lock(mutex_);
        return entries_;
    }

private:
    template <class Condition>
    Clock::time_point wait(Condition condition) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, condition);
        return heard_;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<ldap::sync::Cookie> cookie_;
    std::size_t entries_ = 0;
    std::size_t refreshes_ = 0;
    Clock::time_point heard_;
};

std::string people(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += fmt::format(
            "dn: cn=user{0},dc=example,dc=com\nobjectClass: inetOrgPerson\n"
            "objectClass: inetLocalMailRecipient\ncn: user{0}\nsn: User\nmail: "
            "user{0}@example.com\n"
            "mailLocalAddress: user{0}@example.com\nmailLocalAddress: first.last{0}@example.com\n"
            "mailLocalAddress: u{0}@shared.example\nmailHost: host{1}.example.com\n\n",
            i,
            i % 7
        );
    }
    return out;
}

ldap::net::SyncSettings settings_for(test::Slapd const& server) {
    ldap::net::SyncSettings settings;
    settings.uris = {server.uri()};
    settings.connect.bind_dn = test::Slapd::admin_dn;
    settings.connect.password = test::Slapd::admin_password;
    settings.base = ldap::Dn::parse(test::Slapd::base).value();
    settings.filter = ldap::Filter::equal("objectClass", "inetLocalMailRecipient");
    settings.attributes = {
        "objectClass", "mail", "mailLocalAddress", "mailHost", "mailRoutingAddress", "member"};
    return settings;
}

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    auto const of = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

void first_load(Counter& counter, test::Slapd const& server, std::size_t entries) {
    auto const began = Clock::now();
    auto const processor = processor_seconds();
    ldap::net::SyncClient client(settings_for(server), counter);
    auto const took = seconds(counter.refresh(1) - began);
    fmt::print(
        "first load       {} entries in {:.2f} s, {:.0f} a second, {:.2f} s of processor\n",
        counter.entries(),
        took,
        static_cast<double>(entries) / took,
        processor_seconds() - processor
    );
}

void changes(Counter& counter, test::Slapd const& server, std::size_t count) {
    ldap::net::SyncClient client(settings_for(server), counter);
    counter.refresh(2);
    ldap::net::ConnectSettings connect;
    connect.uri = server.uri();
    connect.bind_dn = test::Slapd::admin_dn;
    connect.password = test::Slapd::admin_password;
    auto writer = ldap::net::ToolSession::open({connect}).value();
    std::vector<double> times;
    auto seen = counter.entries();
    for (std::size_t i = 0; i < count; ++i) {
        ldap::ModifyEntry change;
        change.dn = ldap::Dn::parse(fmt::format("cn=user{},dc=example,dc=com", i)).value();
        change.modifications.push_back(
            {ldap::Modification::Operation::replace, "mailHost", {fmt::format("new{}.example", i)}}
        );
        auto const sent = Clock::now();
        if (!writer.apply(change, std::chrono::seconds(10))) std::abort();
        times.push_back(seconds(counter.entry(++seen) - sent) * 1e3);
    }
    std::sort(times.begin(), times.end());
    fmt::print(
        "change to event  {} changes: p50 {:.2f} ms, p99 {:.2f} ms, slowest {:.2f} ms\n",
        count,
        times[count / 2],
        times[count * 99 / 100],
        times.back()
    );
}

void resume(Counter& counter, test::Slapd const& server, std::size_t refresh, char const* what) {
    auto const before = counter.entries();
    auto const began = Clock::now();
    ldap::net::SyncClient client(settings_for(server), counter);
    auto const took = seconds(counter.refresh(refresh) - began);
    fmt::print("{} {:.1f} ms, {} entries sent\n", what, took * 1e3, counter.entries() - before);
}

}  // namespace

int main(int argc, char** argv) {
    auto const entries = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000UL;
    auto const count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000UL;
    test::Slapd server(
        {.ldif = people(entries),
         .config = "index mailLocalAddress eq\n",
         .syncprov = true,
         .session_log = 10'000,
         .map_size = std::size_t{4} << 30U}
    );
    Counter counter;
    first_load(counter, server, entries);
    changes(counter, server, std::min(count, entries));
    resume(counter, server, 3, "resumed         ");
    server.change("dn: cn=user0,dc=example,dc=com\nchangetype: delete\n");
    server.stop();  // the session log is gone
    server.start();
    resume(counter, server, 4, "without the log ");
}
