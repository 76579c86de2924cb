#include "config/host_access.hpp"

#include "config/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::config {

namespace {

HostTls tls_of(Section const& section) {
    auto const word = section.text("tls");
    if (word == "off") return HostTls::off;
    if (word == "encrypt") return HostTls::encrypt;
    return word == "verify" ? HostTls::verify : HostTls::may;
}

tls::ContextPtr trust_of(
    Section const& section, FileOrigin const& origin, Tls const& tls, Findings& findings
) {
    auto const file = section.text("tls_ca");
    if (file.empty()) return tls.system_trust;
    auto trust = tls::Context::for_client(origin.resolve(file).string());
    if (trust) return std::move(*trust);
    findings.error(section.value_position("tls_ca"), trust.error().what);
    return nullptr;
}

void check_unix_sockets(Section const& section, HostTls tls, Findings& findings) {
    if (tls == HostTls::off || tls == HostTls::may) return;
    for (auto const& [text, position] : section.texts("address")) {
        if (!text.starts_with("unix:")) continue;
        findings.error(
            position, fmt::format("tls = \"{}\" is not for Unix sockets", section.text("tls"))
        );
    }
}

std::optional<HostLogin> login_of(
    Section const& section, FileOrigin const& origin, HostTls tls, Findings& findings
) {
    for (auto const& [one, other] :
         {std::pair("username", "password"), std::pair("password", "username")}) {
        if (!section.has(one) || section.has(other)) continue;
        findings.error(section.key_position(one), fmt::format("\"{}\" needs \"{}\"", one, other));
    }
    HostLogin login{section.text("username"), {}};
    if (login.username.empty() || !section.has("password")) return std::nullopt;
    if (tls == HostTls::off) {
        findings.error(section.value_position("tls"), "a password is sent under TLS alone");
    } else if (tls != HostTls::verify) {
        findings.warning(
            section.key_position("username"),
            "the password is sent to whoever answers for this host",
            "tls = \"verify\" makes it prove its name"
        );
    }
    if (auto secret = secret_of(section, "password", origin, findings)) {
        login.password = std::move(*secret);
        return login;
    }
    return std::nullopt;
}

}  // namespace

std::vector<HostAccess> read_host_access(
    std::vector<NamedSection> const& hosts,
    FileOrigin const& origin,
    Tls const& tls,
    Findings& findings
) {
    std::vector<HostAccess> all;
    for (auto const& [name, section] : hosts) {
        HostAccess access;
        access.name = name;
        access.connections = section.count("connections");
        if (section.has("timeout")) access.timeout = section.duration("timeout");
        access.tls = tls_of(section);
        access.trust = trust_of(section, origin, tls, findings);
        check_unix_sockets(section, access.tls, findings);
        access.login = login_of(section, origin, access.tls, findings);
        all.push_back(std::move(access));
    }
    return all;
}

HostAccess access_to(Config const& config, std::string const& host) {
    auto const& all = config.host_access;
    auto const named =
        std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == host; });
    if (named != all.end()) return *named;
    HostAccess access;
    access.name = host;
    access.trust = config.tls.system_trust;
    return access;
}

}  // namespace splitmx::config
