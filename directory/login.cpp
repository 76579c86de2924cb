#include "directory/login.hpp"

#include "directory/servers.hpp"
#include "ldap/net/tool_session.hpp"
#include "ldap/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::directory {

namespace {

using ldap::Errc;

// An entry that a login name stands for, and the servers that can tell about its password.
struct Person {
    config::Directory const* directory;
    std::string dn;
};

struct Found {
    std::vector<Person> people;
    std::string trouble;  // a directory that could not tell
};

ldap::SearchResult entries_of(config::Directory const& directory, std::string const& login) {
    auto session = ldap::net::ToolSession::open(servers_of(directory));
    if (!session) return session.error();
    auto base = ldap::Dn::parse(directory.base);
    auto filter = ldap::Filter::raw_with(directory.login, config::login_placeholder, login);
    if (!base) return base.error();
    // What makes no filter, such as octets that are no UTF-8, is nobody's name.
    if (!filter) return ldap::Found();
    ldap::SearchRequest request;
    request.base = std::move(*base);
    request.filter = std::move(*filter);
    request.attributes = {"1.1"};  // RFC 4511 4.5.1.8: none
    return session->read_first(request, directory.timeout, 2);
}

// Where the other directories look for people.
std::vector<ldap::Dn> other_bases(
    std::vector<config::Directory> const& directories, config::Directory const& than
) {
    std::vector<ldap::Dn> bases;
    for (auto const& directory : directories) {
        auto base = ldap::Dn::parse(directory.base);
        if (&directory != &than && !directory.login.empty() && base) {
            bases.push_back(std::move(*base));
        }
    }
    return bases;
}

Found find_people(std::vector<config::Directory> const& directories, std::string const& login) {
    Found found;
    for (auto const& directory : directories) {
        if (directory.login.empty()) continue;
        auto const entries = entries_of(directory, login);
        if (!entries) {
            found.trouble = fmt::format("directory {}: {}", directory.name, entries.error().what);
            continue;
        }
        // Whom a server may know that nobody asks is not unknown (RFC 4511 4.5.3).
        auto const unseen =
            ldap::unseen_places(entries->references, other_bases(directories, directory));
        if (entries->empty() && !unseen.empty()) {
            found.trouble =
                fmt::format("directory {} refers to {}", directory.name, unseen.front());
        }
        for (auto const& entry : *entries) found.people.push_back({&directory, entry.dn().text()});
    }
    return found;
}

bool is_about_the_password(Errc code) {
    return code == Errc::refused_credentials || code == Errc::unwilling ||
           code == Errc::insufficient_rights;
}

// The first server that says anything of the password has the word.
LoginOutcome bind_as(
    Person const& person, std::string const& password, std::stop_token const& stop
) {
    std::string trouble;
    for (auto settings : servers_of(*person.directory)) {
        settings.bind_dn = person.dn;
        settings.password = password;
        auto const bound = ldap::net::connect(settings, stop);
        if (bound) return {LoginAnswer::right, person.dn};
        trouble = fmt::format("{}: {}", settings.uri, bound.error().what);
        if (is_about_the_password(bound.error().code)) return {LoginAnswer::wrong, trouble};
    }
    return {LoginAnswer::unknowable, trouble};
}

}  // namespace

bool lets_people_log_in(std::vector<config::Directory> const& directories) {
    return std::any_of(directories.begin(), directories.end(), [](auto const& one) {
        return !one.login.empty();
    });
}

LoginOutcome check_login(
    std::vector<config::Directory> const& directories,
    std::string const& login,
    std::string const& password,
    std::stop_token const& stop
) {
    if (login.empty() || password.empty()) return {LoginAnswer::wrong, "no password"};
    auto const [people, trouble] = find_people(directories, login);
    if (people.size() > 1) {
        return {
            LoginAnswer::wrong, fmt::format("several entries: {}, {}", people[0].dn, people[1].dn)};
    }
    // Another directory that cannot tell may hold the same name: then this one may not decide.
    if (!trouble.empty()) return {LoginAnswer::unknowable, trouble};
    if (people.empty()) return {LoginAnswer::wrong, "no entry"};
    if (people.front().dn.empty()) return {LoginAnswer::wrong, "an entry without a name"};
    return bind_as(people.front(), password, stop);
}

}  // namespace splitmx::directory
