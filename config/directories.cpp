#include "config/directories.hpp"

#include "config/config_keys.hpp"
#include "config/heading.hpp"
#include "config/secret.hpp"
#include "config/values.hpp"
#include "ldap/filter.hpp"
#include "ldap/ldif.hpp"
#include "mail/letter_case.hpp"
#include "schema/custom_profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace splitmx::config {

namespace {

constexpr std::array ldap_only_keys{
    "base",
    "bind_dn",
    "password",
    "login",
    "starttls",
    "tls_ca",
    "tls_verify",
    "timeout",
    "cache",
    "negative_cache",
    "sync",
    "refresh",
    "fresh",
    "max_age"};

bool is_ldif(LocatedText const& uri) { return uri.text.starts_with("ldif:"); }

bool is_plain_ldap(std::string_view uri) { return uri.starts_with("ldap://"); }

// The connection stays on this machine, so that nobody can listen to it.
bool is_local(std::string_view uri) {
    if (uri.starts_with("ldapi://")) return true;
    auto host = uri.substr(uri.find("//") + 2);
    host = host.substr(0, host.find('/'));
    if (host.starts_with('[')) {
        host = host.substr(1, host.find(']') - 1);
    } else {
        host = host.substr(0, host.find(':'));
    }
    if (host == "localhost") return true;
    auto const address = mail::IpAddress::parse(host);
    return address && address->is_loopback();
}

void read_ldif_file(
    Section const& section, FileOrigin const& origin, Directory& directory, Findings& findings
) {
    auto const uris = section.texts("uri");
    if (uris.size() > 1) {
        findings.error(
            section.value_position("uri"),
            "an LDIF file is the only uri of its directory",
            "give each file a [directory.NAME] of its own"
        );
        return;
    }
    for (auto const* key : ldap_only_keys) {
        if (!section.has(key)) continue;
        findings.error(
            section.key_position(key), fmt::format("\"{}\" is not for an LDIF file", key)
        );
    }
    auto const& uri = uris.front();
    directory.ldif_file = origin.resolve(uri.text.substr(5));
    auto const entries = ldap::read_ldif(*directory.ldif_file);
    if (!entries) findings.error(uri.position, entries.error().what);
}

void read_bind(
    Section const& section, FileOrigin const& origin, Directory& directory, Findings& findings
) {
    directory.bind_dn = section.text("bind_dn");
    if (!section.has("password")) {
        // A name without a password would be an anonymous bind in disguise (RFC 4513 5.1.2).
        if (section.has("bind_dn")) {
            findings.error(section.key_position("bind_dn"), "\"bind_dn\" needs \"password\"");
        }
        return;
    }
    if (!section.has("bind_dn")) {
        findings.error(section.key_position("password"), "\"password\" needs \"bind_dn\"");
    }
    if (auto secret = secret_of(section, "password", origin, findings)) {
        directory.password = std::move(*secret);
    }
}

// The name stands for a value, nowhere else: a filter that breaks with brackets in it would break
// open for whoever logs in.
void read_login(Section const& section, Directory& directory, Findings& findings) {
    directory.login = section.text("login");
    if (directory.login.empty()) return;
    auto const position = section.value_position("login");
    if (directory.login.find(login_placeholder) == std::string::npos) {
        findings.error(position, "\"login\" has no {login} in it", "such as login = \"(uid={login})\"");
        return;
    }
    auto const probe = ldap::Filter::raw_with(directory.login, login_placeholder, "*)(");
    if (!probe) findings.error(position, "\"login\" is no filter: " + probe.error().what);
}

void read_tls(
    Section const& section, FileOrigin const& origin, Directory& directory, Findings& findings
) {
    auto const uris = section.texts("uri");
    bool const any_plain = std::any_of(uris.begin(), uris.end(), [](LocatedText const& uri) {
        return is_plain_ldap(uri.text);
    });
    if (section.has("starttls") && !any_plain) {
        findings.error(section.key_position("starttls"), "\"starttls\" is for ldap:// only");
    }
    bool exposed = false;
    for (auto const& uri : uris) {
        bool const other = is_plain_ldap(uri.text) && !is_local(uri.text);
        bool const wanted = section.has("starttls") ? section.boolean("starttls") : other;
        bool const starttls = wanted && is_plain_ldap(uri.text);
        exposed = exposed || (other && !starttls);
        directory.servers.push_back({uri.text, starttls});
    }
    if (exposed && section.has("password")) {
        findings.warning(
            section.key_position("starttls"), "the password crosses the network without TLS"
        );
    }
    directory.tls_verify = section.boolean("tls_verify");
    if (!directory.tls_verify) {
        findings.warning(
            section.key_position("tls_verify"),
            "the server may be anybody: its name is not verified"
        );
    }
    if (auto const ca = section.text("tls_ca"); !ca.empty()) {
        directory.tls_ca = origin.resolve(ca);
        std::error_code failure;
        if (!std::filesystem::exists(*directory.tls_ca, failure)) {
            findings.error(
                section.value_position("tls_ca"),
                fmt::format("{}: there is no such file", directory.tls_ca->string())
            );
        }
    }
}

void read_ldap(
    Section const& section, FileOrigin const& origin, Directory& directory, Findings& findings
) {
    directory.base = section.text("base");
    if (!section.has("base")) {
        findings.error(
            section.heading(),
            "[directory.NAME] needs \"base\"",
            "such as base = \"dc=example,dc=com\""
        );
    } else if (!directory.base.empty() && directory.base.find('=') == std::string::npos) {
        findings.error(
            section.value_position("base"),
            fmt::format("\"{}\" is no DN", directory.base),
            "such as base = \"dc=example,dc=com\""
        );
    }
    for (auto const& uri : section.texts("uri")) {
        if (!is_ldif(uri)) continue;
        findings.error(
            uri.position,
            "an LDIF file is the only uri of its directory",
            "give each file a [directory.NAME] of its own"
        );
    }
    read_bind(section, origin, directory, findings);
    read_login(section, directory, findings);
    read_tls(section, origin, directory, findings);
}

void read_custom_profile(Section const& map, Directory& directory, Findings& findings) {
    std::vector<schema::KeyAndValue> pairs;
    for (auto const* key : keys_of("directory.map")) {
        if (!map.has(key->name)) continue;
        for (auto const& item : map.texts(key->name)) {
            pairs.emplace_back(std::string(key->name), item.text);
        }
    }
    auto profile = schema::make_custom(pairs);
    if (profile) {
        directory.profile = std::move(*profile);
        return;
    }
    for (auto const& error : profile.error()) {
        findings.error(map.key_position(error.key), fmt::format("{}: {}", error.key, error.what));
    }
}

void read_profile(Section const& section, Directory& directory, Findings& findings) {
    auto const name = section.text("profile");
    auto const* map = section.table() != nullptr ? section.table()->find("map") : nullptr;
    auto const* table = map != nullptr ? map->value.table() : nullptr;
    if (name == "custom") {
        if (table == nullptr) {
            findings.error(
                section.value_position("profile"), "profile \"custom\" needs [directory.NAME.map]"
            );
            return;
        }
        read_custom_profile({"directory.map", table, map->value.position}, directory, findings);
        return;
    }
    if (table != nullptr) {
        findings.error(map->value.position, "[directory.NAME.map] is for profile \"custom\" only");
    }
    if (auto const* profile = schema::find_profile(name)) directory.profile = *profile;
}

SyncMode sync_mode(std::string_view word) {
    if (word == "syncrepl") return SyncMode::syncrepl;
    if (word == "dirsync") return SyncMode::dirsync;
    if (word == "poll") return SyncMode::poll;
    return word == "off" ? SyncMode::off : SyncMode::automatic;
}

void read_ages(Section const& section, Directory& directory, Findings& findings) {
    directory.sync = sync_mode(section.text("sync"));
    directory.refresh = section.duration("refresh");
    directory.fresh = section.duration("fresh");
    directory.max_age = section.duration("max_age");
    if (directory.sync == SyncMode::off) {
        for (auto const* key : {"refresh", "fresh", "max_age"}) {
            if (!section.has(key)) continue;
            findings.error(
                section.key_position(key),
                fmt::format("\"{}\" is for a copy, and with sync = \"off\" there is none", key)
            );
        }
        return;
    }
    if (directory.max_age < directory.fresh) {
        findings.error(
            section.key_position(section.has("max_age") ? "max_age" : "fresh"),
            "\"max_age\" is shorter than \"fresh\"",
            "a copy that counts as fresh is also one that may answer"
        );
    }
}

Directory read_directory(
    Section const& section, FileOrigin const& origin, std::string const& name, Findings& findings
) {
    Directory directory;
    directory.name = name;
    directory.source = origin.source(section.heading());
    directory.timeout = section.duration("timeout");
    directory.cache = section.duration("cache");
    directory.negative_cache = section.duration("negative_cache");
    read_ages(section, directory, findings);
    read_profile(section, directory, findings);
    auto const uris = section.texts("uri");
    if (uris.empty()) return directory;  // found as a missing key
    if (is_ldif(uris.front())) {
        read_ldif_file(section, origin, directory, findings);
    } else {
        read_ldap(section, origin, directory, findings);
    }
    return directory;
}

}  // namespace

// A profile knows the names of the hosts, so they are part of each setup.
void add_setups(
    std::vector<EffectiveKey> const& keys,
    std::vector<std::string> const& host_names,
    std::vector<Directory>& directories
) {
    std::vector<std::string> hosts(host_names);
    std::sort(hosts.begin(), hosts.end());
    for (auto& directory : directories) {
        auto const heading = heading_of("directory", directory.name);
        auto const map = heading_of("directory", directory.name, "map");
        directory.setup = fmt::format("{}\n", fmt::join(hosts, " "));
        directory.profile_setup = directory.setup;
        for (auto const& one : keys) {
            if (one.section != heading && one.section != map) continue;
            auto const line =
                fmt::format("{} {} {} {}\n", one.section, one.info->name, one.value, one.behind);
            directory.setup += line;
            if (one.section == map || one.info->name == "profile") directory.profile_setup += line;
        }
    }
}

std::vector<Directory> read_directories(
    Table const& document,
    FileOrigin const& origin,
    std::vector<std::string> const& host_names,
    Findings& findings
) {
    std::vector<Directory> directories;
    auto const* entry = document.find("directory");
    auto const* named = entry != nullptr ? entry->value.table() : nullptr;
    if (named == nullptr) return directories;
    for (auto const& [name, position, value] : named->entries) {
        if (value.table() == nullptr) continue;
        Section const section("directory", value.table(), value.position);
        auto directory = read_directory(section, origin, name, findings);
        for (auto const& host : host_names) {
            directory.profile.known_hosts.insert(mail::to_lower(host));
        }
        directories.push_back(std::move(directory));
    }
    return directories;
}

}  // namespace splitmx::config
