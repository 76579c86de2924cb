// A [directory.NAME] section as a tool proposes it, and what it rests on: the server that was seen,
// and the profile that fits its people. Threads: pure functions. Errors: none.
#pragma once

#include "directory/view_server.hpp"
#include "schema/probe.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::admin {

struct DirectorySection {
    std::vector<std::string> uris;
    std::string base;  // empty for an LDIF file
    std::string bind_dn;
    std::string password;  // where it comes from: "file:directory-password"
    std::string tls_ca;
    std::optional<bool> starttls;  // none: as by default
    std::string profile;
    std::vector<schema::KeyAndValue> map;  // of profile "custom"
};

// With its heading, [directory.main].
std::string to_toml(DirectorySection const& section);

std::string toml_string(std::string_view text);
// One string, or a list of them.
std::string toml_strings(std::vector<std::string> const& texts);

// "ldap://ldap1.adatum.com, OpenLDAP"
std::string server_text(directory::SeenServer const& seen);
// "12 mailboxes, 9 custom recipients, 2 groups"
std::string counts_of(schema::Guess const& guess);
// How sure the sample makes us: "high", "low: there are few entries to go by".
std::string_view confidence(schema::Guess const& guess, std::size_t samples);

}  // namespace splitmx::admin
