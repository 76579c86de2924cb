// The copy of a directory: memory an entry, a lookup, the snapshot; and with slapd the first load
// and the time from a change to its effect. Entries have three addresses, a target and a host.
// usage: bench_copy [ENTRIES [ENTRIES_IN_SLAPD [CHANGES]]]     (0 entries in slapd: without it)
#include "directory/copy/snapshot.hpp"
#include "ldap/net/sync_client.hpp"
#include "ldap/net/tool_session.hpp"
#include "schema/recipient_filter.hpp"
#include "schema/recipient_mapping.hpp"
#include "support/slapd.hpp"

#include <fmt/format.h>
#include <gperftools/malloc_extension.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

using namespace splitmx;
using Clock = std::chrono::steady_clock;
namespace copy = directory::copy;

namespace {

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

mail::Mailbox address(std::size_t i, std::size_t which) {
    auto const text = which == 0   ? fmt::format("user{}@adatum.com", i)
                      : which == 1 ? fmt::format("First.Last{}@headquarters.adatum.com", i)
                                   : fmt::format("u{}@shared-by-both.contoso.example", i);
    return mail::Mailbox::parse(text).value();
}

ldap::EntryId entry_id(std::size_t i) {
    ldap::EntryId::Octets octets{};
    std::mt19937_64 random(i);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
    return ldap::EntryId(octets);
}

resolver::Recipient recipient(std::size_t i) {
    resolver::Recipient one;
    auto const dn = fmt::format("uid=user{},ou=People,ou=Branch{},dc=adatum,dc=com", i, i % 50);
    one.name = schema::to_entry_name(ldap::Dn::parse(dn).value());
    one.kind =
        i % 4 == 0 ? resolver::RecipientKind::custom_recipient : resolver::RecipientKind::mailbox;
    for (std::size_t which = 0; which < 3; ++which) one.addresses.push_back(address(i, which));
    one.primary = one.addresses.front();
    one.target = resolver::TargetAddress{"SMTP", fmt::format("u{}@notes.contoso.example", i)};
    one.mail_host = fmt::format("mbx{}.adatum.com", i % 20);
    return one;
}

// What is resident of the process, with all that the allocator spends on it.
std::size_t heap() {
    std::ifstream numbers("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    numbers >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

copy::CopyClock real_clock() {
    return {[] { return Clock::now(); }, [] { return std::chrono::system_clock::now(); }};
}

copy::Copy::Settings settings() {
    using namespace std::chrono_literals;
    return {*schema::find_profile("laser"), 60s, 24h * 7, 5min};
}

// A refresh that tells nothing: what is in the index is complete then.
void complete(copy::Copy& copy) {
    std::vector<ldap::sync::Event> events;
    events.emplace_back(ldap::sync::Connected{"bench", {}, ldap::SyncMethod::syncrepl});
    events.emplace_back(ldap::sync::RefreshBegins{ldap::sync::Cookie{"a"}});
    events.emplace_back(ldap::sync::RefreshEnds{
        ldap::sync::RefreshEnds::Phase::deletes, ldap::sync::Cookie{"b"}});
    (void)copy.take(std::move(events));
}

void lookups(copy::Copy const& copy, std::size_t entries) {
    std::mt19937_64 random(7);
    std::vector<mail::Mailbox> asked;
    for (int i = 0; i < 200'000; ++i) asked.push_back(address(random() % entries, random() % 3));
    std::vector<double> times;
    std::size_t found = 0;
    for (auto const& stored : asked) {
        auto const one = stored;  // as if it had just been read from a client
        auto const began = Clock::now();
        auto const answer = copy.find(one);
        times.push_back(ms(Clock::now() - began) * 1e6);
        found += std::holds_alternative<resolver::One>(answer) ? 1 : 0;
    }
    std::sort(times.begin(), times.end());
    fmt::print(
        "lookup           p50 {:.0f} ns, p99 {:.0f} ns ({} of {} found)\n",
        times[times.size() / 2],
        times[times.size() * 99 / 100],
        found,
        asked.size()
    );
}

void in_memory(std::size_t entries) {
    auto const folder = std::filesystem::temp_directory_path() / "splitmx-bench-copy";
    std::filesystem::create_directories(folder);
    copy::PosixFiles files;
    copy::Snapshot snapshot(files, (folder / "main.copy").string(), {{"base", "bench"}});
    {
        auto const before = heap();
        copy::Copy copy(settings(), {}, real_clock());
        auto const began = Clock::now();
        for (std::size_t i = 0; i < entries; ++i) {
            (void)copy.index().put(entry_id(i), recipient(i), nullptr);
        }
        complete(copy);
        fmt::print(
            "in memory        {} entries in {:.0f} ms, {:.0f} octets an entry\n",
            entries,
            ms(Clock::now() - began),
            static_cast<double>(heap() - before) / static_cast<double>(entries)
        );
        lookups(copy, entries);
        auto const writing = Clock::now();
        auto const written = std::get<copy::Snapshot::Written>(snapshot.write(copy));
        fmt::print(
            "snapshot written {:.1f} MiB in {:.0f} ms\n",
            static_cast<double>(written.octets) / 1048576.0,
            ms(Clock::now() - writing)
        );
    }
    auto const before = heap();
    auto const began = Clock::now();
    copy::Copy copy(settings(), {}, real_clock());
    bool const loaded = std::holds_alternative<copy::Snapshot::Loaded>(snapshot.load(copy));
    bool const right = std::holds_alternative<resolver::One>(copy.find(address(entries / 2, 1)));
    fmt::print(
        "snapshot loaded  first {} answer after {:.0f} ms, {:.0f} octets an entry\n",
        loaded && right ? "right" : "WRONG",
        ms(Clock::now() - began),
        static_cast<double>(heap() - before) / static_cast<double>(entries)
    );
    std::filesystem::remove_all(folder);
}

std::string people(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += fmt::format(
            "dn: cn=user{0},dc=example,dc=com\nobjectClass: inetOrgPerson\n"
            "objectClass: inetLocalMailRecipient\ncn: user{0}\nsn: User\n"
            "mailLocalAddress: user{0}@example.com\nmailLocalAddress: first.last{0}@example.com\n"
            "mailLocalAddress: u{0}@shared.example\nmailHost: host{1}.example.com\n\n",
            i,
            i % 7
        );
    }
    return out;
}

void with_slapd(std::size_t entries, std::size_t changes) {
    test::Slapd const server(
        {.ldif = people(entries),
         .config = "index mailLocalAddress eq\n",
         .syncprov = true,
         .session_log = 10'000,
         .map_size = std::size_t{4} << 30U}
    );
    copy::Copy copy(settings(), {}, real_clock());
    auto const& profile = *schema::find_profile("laser");
    ldap::net::SyncSettings sync;
    sync.uris = {server.uri()};
    sync.connect.bind_dn = test::Slapd::admin_dn;
    sync.connect.password = test::Slapd::admin_password;
    sync.base = ldap::Dn::parse(test::Slapd::base).value();
    sync.filter = profile.filter;
    sync.attributes = schema::requested_attributes(profile);
    auto const began = Clock::now();
    ldap::net::SyncClient client(sync, copy);
    while (copy.standing().stage != copy::Stage::live) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    fmt::print(
        "first load       {} entries from slapd in {:.0f} ms\n",
        copy.health().counts.recipients(),
        ms(Clock::now() - began)
    );
    ldap::net::ConnectSettings connect;
    connect.uri = server.uri();
    connect.bind_dn = test::Slapd::admin_dn;
    connect.password = test::Slapd::admin_password;
    auto writer = ldap::net::ToolSession::open({connect}).value();
    std::vector<double> times;
    for (std::size_t i = 0; i < changes; ++i) {
        auto const fresh = fmt::format("fresh{}@example.com", i);
        auto const asked = mail::Mailbox::parse(fresh).value();
        ldap::ModifyEntry change;
        change.dn = ldap::Dn::parse(fmt::format("cn=user{},dc=example,dc=com", i)).value();
        change.modifications.push_back(
            {ldap::Modification::Operation::add, "mailLocalAddress", {fresh}}
        );
        auto const sent = Clock::now();
        if (!writer.apply(change, std::chrono::seconds(10))) std::abort();
        while (!std::holds_alternative<resolver::One>(copy.find(asked))) std::this_thread::yield();
        times.push_back(ms(Clock::now() - sent));
    }
    std::sort(times.begin(), times.end());
    fmt::print(
        "change to effect {} changes: p50 {:.2f} ms, p99 {:.2f} ms, slowest {:.2f} ms\n",
        changes,
        times[changes / 2],
        times[changes * 99 / 100],
        times.back()
    );
}

}  // namespace

int main(int argc, char** argv) {
    // As the daemon does.
    MallocExtension::instance()->SetNumericProperty("tcmalloc.aggressive_memory_decommit", 1);
    auto const number = [&](int place, std::size_t otherwise) {
        return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
    };
    in_memory(number(1, 1'000'000));
    auto const in_slapd = number(2, 100'000);
    if (in_slapd > 0) with_slapd(in_slapd, std::min<std::size_t>(number(3, 1'000), in_slapd));
}
