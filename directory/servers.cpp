#include "directory/servers.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace splitmx::directory {

std::vector<ldap::net::ConnectSettings> servers_of(config::Directory const& directory) {
    std::vector<ldap::net::ConnectSettings> servers;
    bool const starttls = std::any_of(
        directory.servers.begin(),
        directory.servers.end(),
        [](config::DirectoryServer const& server) { return server.starttls; }
    );
    for (auto const& server : directory.servers) {
        ldap::net::ConnectSettings settings;
        settings.uri = server.uri;
        settings.bind_dn = directory.bind_dn;
        settings.password = directory.password;
        settings.starttls = starttls && server.uri.starts_with("ldap://");
        settings.tls_ca = directory.tls_ca ? directory.tls_ca->string() : std::string();
        settings.tls_verify = directory.tls_verify;
        settings.timeout = directory.timeout;
        servers.push_back(std::move(settings));
    }
    return servers;
}

}  // namespace splitmx::directory
