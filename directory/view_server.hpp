// Looks at a server for a tool: what it is, what it knows, and some entries. Threads: blocking.
// Errors: no connection, or a base that cannot be searched; what the account may not read beside
// that is not there. The program must ignore SIGPIPE.
#pragma once

#include "ldap/filter.hpp"
#include "ldap/net/connect.hpp"
#include "ldap/server_facts.hpp"
#include "mail/result.hpp"
#include "schema/server_view.hpp"

#include <string>
#include <vector>

namespace splitmx::directory {

struct SeenServer {
    std::string uri;
    std::string base;  // the naming context where none was given
    ldap::ServerFacts facts;
    schema::ServerView view;
};

// What the first server that answers tells about itself, whatever the account may see of its entries;
// `base` is its first naming context, and there are no samples.
[[nodiscard]] ldap::Result<SeenServer> greet_server(
    std::vector<ldap::net::ConnectSettings> const& servers
);

// `base` may be empty. Samples are entries that match the filter.
[[nodiscard]] mail::Result<SeenServer> view_server(
    std::vector<ldap::net::ConnectSettings> const& servers,
    std::string const& base,
    ldap::Filter const& samples
);

}  // namespace splitmx::directory
