// The values of a content synchronisation as a server sends them, and events as one line of text:
// what tests of a session compare.
#pragma once

#include "ldap/ber.hpp"
#include "ldap/sync.hpp"

#include <string>
#include <vector>

namespace splitmx::test {

// An id that can be told from others at a glance: 16 times the same octet.
inline ldap::EntryId id_of(char letter) {
    return *ldap::EntryId::from_octets(std::string(ldap::EntryId::size, letter));
}

inline std::string octet_string(std::string const& content) {
    return ldap::ber::element(ldap::ber::octet_string, content);
}

inline std::string truth(bool value) {
    return ldap::ber::element(ldap::ber::boolean, std::string(1, value ? '\xff' : '\0'));
}

// Sync State: `state` is 0 present, 1 add, 2 modify, 3 delete.
inline std::string state_value(int state, char letter, std::string const& cookie = {}) {
    auto content = ldap::ber::number(ldap::ber::enumerated, state) +
                   octet_string(std::string(ldap::EntryId::size, letter));
    if (!cookie.empty()) content += octet_string(cookie);
    return ldap::ber::element(ldap::ber::sequence, content);
}

inline std::string new_cookie(std::string const& cookie) {
    return ldap::ber::element(0x80, cookie);
}

inline std::string phase_end(ldap::ber::Tag tag, std::string const& cookie, bool done) {
    // A server that says TRUE may leave it out: it is the default.
    auto const content = (cookie.empty() ? std::string() : octet_string(cookie)) +
                         (done ? std::string() : truth(false));
    return ldap::ber::element(tag, content);
}

inline std::string refresh_delete(std::string const& cookie, bool done = true) {
    return phase_end(0xa1, cookie, done);
}

inline std::string refresh_present(std::string const& cookie, bool done = true) {
    return phase_end(0xa2, cookie, done);
}

inline std::string id_set(
    bool deletes, std::string const& letters, std::string const& cookie = {}
) {
    std::string ids;
    for (char const letter : letters) ids += octet_string(std::string(ldap::EntryId::size, letter));
    return ldap::ber::element(
        0xa3,
        (cookie.empty() ? std::string() : octet_string(cookie)) +
            (deletes ? truth(true) : std::string()) + ldap::ber::element(ldap::ber::set, ids)
    );
}

// "add a cn=anna,dc=example,dc=com [c1]": the first octet of an id stands for it.
class Describe {
public:
    std::string operator()(ldap::sync::Connected const& event) const {
        return "connected " + std::string(ldap::to_text(event.method));
    }
    std::string operator()(ldap::sync::RefreshBegins const& event) const {
        return "refresh" + tail(event.cookie);
    }
    std::string operator()(ldap::sync::EntryChange const& event) const {
        constexpr char const* names[] = {"present", "add", "modify", "remove"};
        return std::string(names[static_cast<int>(event.state)]) + " " + letter(event.id) + " " +
               event.entry.dn().text() + tail(event.cookie);
    }
    std::string operator()(ldap::sync::IdSet const& event) const {
        std::string out =
            event.meaning == ldap::sync::IdSet::Meaning::present ? "present" : "removed";
        out += " {";
        for (auto const& id : event.ids) out += letter(id);
        return out + "}" + tail(event.cookie);
    }
    std::string operator()(ldap::sync::NewCookie const& event) const {
        return "cookie" + tail(event.cookie);
    }
    std::string operator()(ldap::sync::RefreshEnds const& event) const {
        bool const present = event.phase == ldap::sync::RefreshEnds::Phase::present;
        return std::string(present ? "end present" : "end deletes") + tail(event.cookie);
    }
    std::string operator()(ldap::sync::Heard const&) const { return "heard"; }
    std::string operator()(ldap::sync::Doubt const&) const { return "doubt"; }
    std::string operator()(ldap::sync::Elsewhere const&) const { return "elsewhere"; }
    std::string operator()(ldap::sync::Remark const&) const { return "remark"; }
    std::string operator()(ldap::sync::SessionEnds const& event) const {
        return "over: " + std::string(ldap::sync::to_text(event.reason));
    }

private:
    static std::string letter(ldap::EntryId const& id) {
        return std::string(1, static_cast<char>(id.octets().front()));
    }
    static std::string tail(std::optional<ldap::sync::Cookie> const& cookie) {
        return cookie ? " [" + cookie->octets + "]" : std::string();
    }
};

inline std::string to_line(ldap::sync::Event const& event) { return std::visit(Describe(), event); }

}  // namespace splitmx::test
