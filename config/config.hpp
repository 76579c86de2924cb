// A configuration file as one value: what every room is given when the daemon or a tool starts.
// Everything is in its final form: defaults filled in, relative paths made absolute by the file's
// folder, secrets read, domains and hosts built into the routing table. Load it with
// config/read.hpp. Units: durations in milliseconds, sizes in octets. Threads: plain value, not
// changed after loading. Source: contract of the configuration keys.
#pragma once

#include "config/effective.hpp"
#include "config/tls_files.hpp"
#include "mail/clock.hpp"
#include "mail/domain.hpp"
#include "mail/ip_address.hpp"
#include "mail/mailbox.hpp"
#include "resolver/routing_table.hpp"
#include "schema/profile.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/context.hpp"

namespace splitmx::config {

// An address with a port; port 0 of a listener is any free port.
struct Endpoint {
    mail::IpAddress address;
    std::uint16_t port = 0;

    std::string to_text() const;  // "192.0.2.1:25", "[2001:db8::1]:25"
    bool operator==(Endpoint const&) const = default;
};

struct Server {
    mail::Domain hostname;
    std::uint64_t max_message = 0;
    unsigned max_hops = 0;
    std::filesystem::path state_dir;
    bool sandbox = true;  // where the kernel can do it
};

enum class ListenerTls {
    off,
    optional,  // STARTTLS, when there is a certificate
    required,  // nothing else before STARTTLS
    implicit,  // from the first octet
};

enum class ListenerAuth { off, under_tls, always };

struct Listener {
    std::string name;
    std::vector<Endpoint> addresses;
    std::vector<mail::Network> allow;  // who may connect; empty = everybody
    std::vector<mail::Network> proxy_protocol;  // front ends: they tell for whom they connect
    ListenerTls tls = ListenerTls::optional;
    ListenerAuth auth = ListenerAuth::under_tls;
    std::string source;  // "FILE:LINE"

    bool is_front_end(mail::IpAddress const& client) const;
};

// Who we are under TLS, as it was when the file was read. None: we have no certificate.
struct Tls {
    std::optional<TlsFiles> files;
    std::optional<tls::Identity> identity;
    tls::ContextPtr system_trust;  // for next hops that have no authorities of their own
};

struct Limits {
    unsigned connections = 0;
    unsigned connections_per_client = 0;
    unsigned recipients = 0;
    unsigned errors = 0;
    unsigned failed_logins = 0;  // of one client, in ten minutes
    unsigned messages = 0;       // of one session
    // Of one client, in a minute; 0: no limit.
    unsigned connections_per_minute = 0;
    unsigned messages_per_minute = 0;
    unsigned recipients_per_minute = 0;
    unsigned connections_per_network = 0;  // 0: no limit
    unsigned unknown_recipients = 0;       // of a session, that are answered at once
    unsigned unknown_limit = 0;            // with so many the session ends
    mail::Duration session_timeout{};
    std::optional<mail::Duration> greeting_delay{};  // none: greeted at once
    mail::Duration command_timeout{};
    mail::Duration data_timeout{};
    std::vector<mail::Network> exempt;  // free of all limits but size and time

    bool is_exempt(mail::IpAddress const& client) const;
};

enum class HostTls {
    off,
    may,      // where it works, else in clear
    encrypt,  // never in clear
    verify,   // and the host proves its name
};

struct HostLogin {
    std::string username;
    std::string password;  // secret: never for logs
};

// What the relay needs of a host beyond what the resolver knows. One for each of routing.hosts.
struct HostAccess {
    std::string name;
    unsigned connections = 0;                 // at the same time
    std::optional<mail::Duration> timeout{};  // the longest wait at any step; none: RFC 5321's
    HostTls tls = HostTls::may;
    tls::ContextPtr trust;  // whom `verify` believes
    std::optional<HostLogin> login;

    bool wants_tls() const { return tls != HostTls::off && trust != nullptr; }
    bool needs_tls() const { return wants_tls() && (tls != HostTls::may || login.has_value()); }
};

struct DirectoryServer {
    std::string uri;  // "ldap://...", "ldaps://...", "ldapi://..."
    bool starttls = false;
};

enum class SyncMode {
    automatic,  // by what the server offers
    syncrepl,   // RFC 4533
    dirsync,    // Active Directory
    poll,       // everything again, now and then
    off,        // no copy: asked for each recipient
};

inline constexpr std::string_view login_placeholder = "{login}";

// One [directory.NAME]: either LDAP servers, tried in order, or one LDIF file.
struct Directory {
    std::string name;
    std::vector<DirectoryServer> servers;
    std::optional<std::filesystem::path> ldif_file;
    std::string base;
    std::string bind_dn;                          // empty: anonymous
    std::string password;                         // secret: never for logs
    std::string login;                            // filter with login_placeholder; empty: nobody
    schema::Profile profile;                      // with the names of the hosts filled in
    std::optional<std::filesystem::path> tls_ca;  // none: the system's
    bool tls_verify = true;
    mail::Duration timeout{};
    mail::Duration cache{};
    mail::Duration negative_cache{};
    SyncMode sync = SyncMode::automatic;
    mail::Duration refresh{};   // between two polls; before a held refresh is looked at again
    mail::Duration fresh{};     // after which a copy cannot say "nobody"
    mail::Duration max_age{};   // after which a copy cannot say anything
    std::string profile_setup;  // equal for equal profiles
    std::string source;         // "FILE:LINE"
    // Equal for two that are set up alike: what a reload goes by to keep one that it has.
    std::string setup;
};

struct Spool {
    std::filesystem::path path;
    std::uint64_t map_size = 0;
    std::uint64_t body_file = 0;  // bodies from this size on are files
    std::uint64_t reserve = 0;    // octets of the disk that new mail leaves free
};

struct Queue {
    std::vector<mail::Duration> retry;         // waits; the last one grows
    unsigned max_messages = 0;                 // no more are taken then
    std::optional<mail::Duration> warn_after;  // none: never
    mail::Duration expire{};
    mail::Duration expire_ndr{};
};

struct Dns {
    std::vector<Endpoint> servers;  // empty: those of resolv.conf
    std::filesystem::path hosts_file;
    bool dnssec = false;
};

struct Admin {
    std::filesystem::path socket;
    bool socket_chosen = false;  // by the file: the relay does not start without it
    std::optional<Endpoint> http;
    bool http_chosen = false;  // the same
};

struct History {
    std::optional<mail::Duration> keep;  // none: no history is written
    std::filesystem::path file;
    bool full_addresses = true;  // else only their domains
};

enum class LogLevel { debug, info, warning, error };

enum class LogFormat { human, json, postfix };
struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::human;
    std::string syslog_name = "splitmx";
    std::optional<std::filesystem::path> decisions;  // none: they are not written
    std::optional<std::filesystem::path> file;  // none: standard error
};

// `routing` lacks what only a running machine knows: routing.host_records (from dns.hosts_file),
// the addresses of its interfaces, and the number behind a listener's port 0. Whoever starts adds
// them.
struct Config {
    std::filesystem::path file;
    Server server;
    std::vector<Listener> listeners;
    Tls tls;
    Limits limits;
    resolver::RoutingTable routing;
    std::vector<HostAccess> host_access;
    std::vector<Directory> directories;
    Spool spool;
    Queue queue;
    Dns dns;
    Admin admin;
    Log log;
    History history;
    std::vector<EffectiveKey> keys;  // what the file says beyond the defaults
    std::string hash;                // of them, short
};

}  // namespace splitmx::config
