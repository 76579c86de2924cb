// What a good file becomes.
#include "config/read.hpp"
#include "config/show.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;
using namespace splitmx;
using namespace std::chrono_literals;

namespace {

// A folder of its own, with splitmx.toml in it, for as long as the test runs.
class Folder {
public:
    explicit Folder(std::string const& text)
        : path_(fs::temp_directory_path() / ("splitmx-load-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
        add("splitmx.toml", text);
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    void add(std::string const& name, std::string const& text) const {
        std::ofstream(path_ / name) << text;
    }
    fs::path file() const { return path_ / "splitmx.toml"; }
    fs::path const& path() const { return path_; }

    config::Config load(config::Purpose purpose = config::Purpose::serve) const {
        auto loaded = config::load(file(), purpose);
        INFO(loaded.report);
        REQUIRE(loaded.config);
        return std::move(*loaded.config);
    }
    std::string source(int line) const { return file().string() + ":" + std::to_string(line); }

private:
    fs::path path_;
};

mail::Domain domain(std::string const& text) { return *mail::Domain::parse(text); }

}  // namespace

TEST_CASE("an empty file is enough for a tool") {
    Folder const folder("");
    auto const made = folder.load(config::Purpose::look_up);
    CHECK(made.listeners.empty());
    CHECK_FALSE(made.server.hostname.text().empty());
    REQUIRE(made.routing.postmaster);
    CHECK(made.routing.postmaster->to_wire() == "postmaster@" + made.server.hostname.text());
    CHECK(made.routing.postmaster_source.empty());
    CHECK(made.server.max_message == 50U * 1024 * 1024);
    CHECK(made.server.max_hops == 30);
    CHECK(made.server.state_dir == "/var/lib/splitmx");
    CHECK(made.spool.path == "/var/lib/splitmx/spool");
    CHECK(made.spool.map_size == 64ULL << 30U);
    CHECK(made.spool.body_file == 128U * 1024);
    CHECK(made.limits.connections == 1000);
    CHECK(made.limits.connections_per_client == 50);
    CHECK(made.limits.recipients == 1000);
    CHECK(made.limits.errors == 10);
    CHECK(made.limits.messages == 10000);
    CHECK(made.limits.unknown_recipients == 3);
    CHECK(made.limits.unknown_limit == 20);
    CHECK(made.limits.connections_per_network == 0);
    CHECK(made.limits.connections_per_minute == 0);
    CHECK(made.limits.messages_per_minute == 0);
    CHECK(made.limits.recipients_per_minute == 0);
    CHECK(made.limits.session_timeout == 1h);
    CHECK_FALSE(made.limits.greeting_delay);
    CHECK(made.limits.command_timeout == 5min);
    CHECK(made.limits.data_timeout == 3min);
    CHECK(made.queue.retry == std::vector<mail::Duration>{1min, 5min, 10min, 15min, 30min, 60min});
    CHECK(made.queue.warn_after == mail::Duration{4h});
    CHECK(made.queue.expire == 120h);
    CHECK(made.queue.expire_ndr == 48h);
    CHECK(made.dns.servers.empty());
    CHECK(made.dns.hosts_file == "/etc/hosts");
    CHECK_FALSE(made.dns.dnssec);
    CHECK(made.log.level == config::LogLevel::info);
    CHECK_FALSE(made.log.file);
    CHECK_FALSE(made.routing.outbound);
    CHECK_FALSE(made.routing.mailbox_host);
    CHECK_FALSE(made.routing.relay.authenticated);
    CHECK(made.routing.relay.allow.empty());
}

TEST_CASE("values of the plain sections") {
    Folder const folder(R"(
[server]
hostname = "relay1.example.com"
postmaster = "admin@example.net"
max_message = "1MiB"
max_hops = 5
own_names = "mail.example.com"
own_addresses = ["192.0.2.25"]
state_dir = "state"
[[listen]]
name = "internet"
address = ["0.0.0.0:25", "[::]:25"]
[[listen]]
address = "10.0.0.1:2525"
allow = "10.0.0.0/24"
[limits]
exempt = ["127.0.0.0/8"]
[queue]
retry = "10s"
warn_after = "never"
[dns]
servers = ["192.0.2.53", "127.0.0.1:5353"]
hosts_file = "hosts"
dnssec = true
[log]
level = "warning"
file = "splitmx.log"
[relay]
deny = "10.9.0.0/16"
allow = "10.0.0.0/8"
local_address = "10.0.0.1"
authenticated = true
)");
    auto const made = folder.load();
    CHECK(made.server.hostname.text() == "relay1.example.com");
    CHECK(made.routing.postmaster->to_wire() == "admin@example.net");
    CHECK(made.routing.postmaster_source == folder.source(4));
    CHECK(made.server.state_dir == folder.path() / "state");
    CHECK(made.spool.path == folder.path() / "state" / "spool");
    REQUIRE(made.listeners.size() == 2);
    CHECK(made.listeners[0].name == "internet");
    CHECK(made.listeners[0].addresses[1].to_text() == "[::]:25");
    CHECK(made.listeners[0].allow.empty());
    CHECK(made.listeners[0].source == folder.source(10));
    CHECK(made.listeners[1].name == "10.0.0.1:2525");
    REQUIRE(made.listeners[1].allow.size() == 1);
    CHECK(made.listeners[1].allow[0].to_text() == "10.0.0.0/24");
    CHECK(made.limits.exempt.size() == 1);
    CHECK(made.queue.retry == std::vector<mail::Duration>{10s});
    CHECK_FALSE(made.queue.warn_after);
    REQUIRE(made.dns.servers.size() == 2);
    CHECK(made.dns.servers[0].to_text() == "192.0.2.53:53");
    CHECK(made.dns.servers[1].to_text() == "127.0.0.1:5353");
    CHECK(made.dns.hosts_file == folder.path() / "hosts");
    CHECK(made.dns.dnssec);
    CHECK(made.log.level == config::LogLevel::warning);
    CHECK(made.log.file == folder.path() / "splitmx.log");

    auto const& relay = made.routing.relay;
    CHECK(relay.deny.size() == 1);
    CHECK(relay.allow.size() == 1);
    CHECK(relay.local_addresses.size() == 1);
    CHECK(relay.authenticated);

    auto const& self = made.routing.self;
    CHECK(self.has_name(domain("relay1.example.com")));
    CHECK(self.has_name(domain("mail.example.com")));
    CHECK(self.has_address(*mail::IpAddress::parse("192.0.2.25")));
    CHECK(self.has_address(*mail::IpAddress::parse("10.0.0.1")));
    CHECK(self.all_loopback);
    CHECK(self.ports == std::vector<std::uint16_t>{25, 2525});
}

TEST_CASE("domains and hosts become the routing table") {
    Folder const folder(R"([server]
hostname = "relay1.example.com"
[[listen]]
address = "127.0.0.1:0"
[host.mailboxes]
address = "mbx1.example.com"
protocol = "lmtp"
[host."10.0.0.7"]
address = ["10.0.0.7:25", "mx:example.net"]
networks = "10.0.0.0/28"
connections = 2
timeout = "90s"
[routing]
mailbox_host = "mailboxes"
outbound = "10.0.0.7"
ambiguous = "reject"
[directory.main]
uri = "ldap://localhost"
base = "dc=example,dc=com"
profile = "laser"
[[domain]]
name = ["example.com",
        "#example.net"]
action = "inbound"
[[domain]]
name = "contoso.com"
action = "inbound"
host = "10.0.0.7"
unknown = "forward"
ambiguous = "defer"
[[domain]]
name = "old.example"
action = "reroute"
to = "10.0.0.1"
[[domain]]
name = ".europe.example"
action = "relay"
host = "10.0.0.7"
always_relay = true
)");
    auto const made = folder.load();
    auto const& table = made.routing;
    CHECK(table.acceptance.rules().size() == 5);
    CHECK(table.delivery.rules().size() == 2);

    auto const* own = table.acceptance.find(domain("sub.example.com"));
    REQUIRE(own != nullptr);
    auto const& inbound = std::get<resolver::Inbound>(own->action);
    CHECK(inbound.unknown == resolver::UnknownMode::reject);
    CHECK(inbound.ambiguous == resolver::AmbiguousMode::reject);
    CHECK(own->source == folder.source(22));
    CHECK(table.acceptance.find(domain("example.net"))->source == folder.source(23));

    auto const& shared =
        std::get<resolver::Inbound>(table.acceptance.find(domain("contoso.com"))->action);
    CHECK(shared.unknown == resolver::UnknownMode::forward);
    CHECK(shared.ambiguous == resolver::AmbiguousMode::defer);

    auto const& reroute =
        std::get<resolver::Reroute>(table.acceptance.find(domain("old.example"))->action);
    CHECK(reroute.to.text() == "[10.0.0.1]");

    CHECK(table.acceptance.find(domain("europe.example")) == nullptr);
    auto const* europe = table.acceptance.find(domain("mail.europe.example"));
    REQUIRE(europe != nullptr);
    CHECK(std::get<resolver::Relay>(europe->action).always);
    CHECK(table.delivery.find(domain("mail.europe.example"))->host == table.outbound);

    auto const& mailboxes = table.hosts.at("mailboxes");
    CHECK(table.mailbox_host == mailboxes);
    CHECK(table.mailbox_host_source == folder.source(14));
    CHECK(table.outbound_source == folder.source(15));
    CHECK(mailboxes->protocol == resolver::Protocol::lmtp);
    CHECK(std::get<resolver::NamedEndpoint>(mailboxes->addresses[0].endpoint).port == 24);
    CHECK(mailboxes->source == folder.source(5));
    REQUIRE(table.outbound);
    CHECK(table.outbound->name == "10.0.0.7");
    CHECK(table.outbound->addresses.size() == 2);
    CHECK(table.outbound->networks.size() == 1);
    REQUIRE(made.host_access.size() == 2);
    CHECK(made.host_access[0].connections == 8);
    CHECK(made.host_access[1].name == "10.0.0.7");
    CHECK(made.host_access[1].connections == 2);
    CHECK_FALSE(made.host_access[0].timeout);
    CHECK(made.host_access[1].timeout == std::chrono::seconds(90));
    CHECK(table.self.ports.empty());
    CHECK_FALSE(table.self.all_loopback);
}

TEST_CASE("directories: defaults, secrets and TLS by the way to the server") {
    Folder const folder(R"(
[directory.main]
uri = ["ldap://ldap1.example.com", "ldap://127.0.0.1:389", "ldaps://ldap2.example.com", "ldapi:///", "ldap://[::1]"]
base = "dc=example,dc=com"
bind_dn = "cn=splitmx"
password = "file:secret"
profile = "laser"
[directory.people]
uri = "ldif:people.ldif"
profile = "custom"
[directory.people.map]
addresses = ["mail", "mailAlias"]
[host.EX1]
address = "ex1.example.com"
)");
    folder.add("secret", "s3cret\n");
    folder.add("people.ldif", "dn: cn=Anna,dc=example,dc=com\nmail: anna@example.com\n");
    auto const made = folder.load(config::Purpose::look_up);
    REQUIRE(made.directories.size() == 2);
    auto const& main = made.directories[0];
    CHECK(main.name == "main");
    CHECK(main.password == "s3cret");
    REQUIRE(main.servers.size() == 5);
    CHECK(main.servers[0].starttls);
    CHECK_FALSE(main.servers[1].starttls);
    CHECK_FALSE(main.servers[2].starttls);
    CHECK_FALSE(main.servers[3].starttls);
    CHECK_FALSE(main.servers[4].starttls);
    CHECK(main.tls_verify);
    CHECK_FALSE(main.tls_ca);
    CHECK(main.timeout == 5s);
    CHECK(main.cache == 10min);
    CHECK(main.negative_cache == 30s);
    CHECK(main.profile.name == "laser");
    CHECK(main.profile.known_hosts.count("ex1") == 1);
    CHECK(main.source == folder.source(2));
    auto const& people = made.directories[1];
    CHECK(people.ldif_file == folder.path() / "people.ldif");
    CHECK(people.servers.empty());
    CHECK(people.profile.addresses.size() == 2);
}

TEST_CASE("a secret that others can read is warned of, and used") {
    Folder const folder(R"(
[directory.main]
uri = "ldap://127.0.0.1"
base = "dc=example,dc=com"
bind_dn = "cn=splitmx"
password = "file:secret"
profile = "laser"
)");
    folder.add("secret", "s3cret\n");
    auto const report = [&](unsigned mode) {
        fs::permissions(folder.path() / "secret", static_cast<fs::perms>(mode));
        auto const loaded = config::load(folder.file(), config::Purpose::look_up);
        REQUIRE(loaded.config);
        CHECK(loaded.config->directories.at(0).password == "s3cret");
        return loaded.report;
    };
    using Catch::Matchers::Contains;
    CHECK_THAT(report(0644), Contains("secret: others may read the secret (mode 0644)"));
    CHECK_THAT(report(0660), Contains("secret: others may change the secret (mode 0660)"));
    CHECK_THAT(report(0640), !Contains("others may"));
    CHECK_THAT(report(0600), !Contains("others may"));
}

TEST_CASE("a fix-point of a reroute is no cycle") {
    Folder const folder(R"(
[[domain]]
name = "ms.com"
action = "reroute"
to = "host1.ms.com"
[[domain]]
name = ".ts.com"
action = "reroute"
to = "ts.com"
)");
    auto const loaded = config::load(folder.file(), config::Purpose::look_up);
    CHECK(loaded.report.empty());
}

TEST_CASE("a host is this machine only on a port that we listen on") {
    Folder const folder(R"(
[server]
hostname = "relay1.example.com"
[[listen]]
address = "127.0.0.1:2525"
[host.other-port]
address = ["127.0.0.1:2526", "relay1.example.com:2526", "localhost:25"]
[host.other-loopback]
address = "127.0.0.2:2525"
[host.socket]
address = "unix:/run/lmtp"
protocol = "lmtp"
)");
    auto const loaded = config::load(folder.file(), config::Purpose::serve);
    CHECK(loaded.report.empty());
}

TEST_CASE("what is shown of a configuration is one, and says the same") {
    Folder const folder(
        R"([server]
hostname = "relay1.adatum.com"
postmaster = "postmaster@adatum.com"
[[listen]]
name = "the internet"
address = "127.0.0.1:2525"
[host.notes]
address = "notes.adatum.com"
[host."mbx1.adatum.com"]
address = "mbx1.adatum.com"
[host."Exchange 1"]
address = "10.0.9.26"
[host."10.0.9.25:2525"]
address = "10.0.9.25:2525"
[directory."main dir"]
uri = "ldap://127.0.0.1"
base = "dc=adatum,dc=com"
profile = "custom"
[directory."main dir".map]
addresses = "mail"
[[domain]]
name = "adatum.com"
action = "inbound"
host = "Exchange 1"
)");
    auto const made = folder.load();
    for (bool const only_set : {false, true}) {
        config::ShowOptions options;
        options.set_only = only_set;
        auto const text = config::effective_text(made, options);
        CAPTURE(text);
        folder.add("shown.toml", text);
        auto const again = config::load(folder.path() / "shown.toml", config::Purpose::serve);
        CAPTURE(again.report);
        REQUIRE(again.config);
        CHECK(again.config->hash == made.hash);
        CHECK(config::differences(made.keys, again.config->keys).empty());
    }
}
