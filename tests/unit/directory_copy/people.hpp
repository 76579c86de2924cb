// Recipients and ids in one line each, for the tests of the copy.
#pragma once

#include "ldap/dn.hpp"
#include "ldap/entry_id.hpp"
#include "resolver/directory.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>

namespace splitmx::directory::copy {

inline ldap::EntryId entry_id(std::uint64_t number) {
    ldap::EntryId::Octets octets{};
    for (std::size_t i = 0; i < 8; ++i) {
        octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
        octets[15 - i] = static_cast<std::uint8_t>(number * 37 >> (8 * i));
    }
    octets[8] ^= 1;
    return ldap::EntryId(octets);
}

inline resolver::EntryName entry_name(std::string const& dn) {
    auto const parsed = ldap::Dn::parse(dn);
    REQUIRE(parsed.has_value());
    return {parsed->text(), parsed->key()};
}

inline mail::Mailbox mailbox(std::string const& text) {
    auto parsed = mail::Mailbox::parse(text);
    INFO(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

inline resolver::Recipient person(
    std::string const& name, std::initializer_list<std::string> addresses, std::string host = {}
) {
    resolver::Recipient recipient;
    recipient.name = entry_name("uid=" + name + ",ou=People,dc=example,dc=com");
    for (auto const& address : addresses) recipient.addresses.push_back(mailbox(address));
    recipient.mail_host = std::move(host);
    return recipient;
}

// "none", "uid=... " or "uid=... | uid=..." of the keys, sorted.
inline std::string owners(resolver::Answer const& answer) {
    if (auto const* one = std::get_if<resolver::One>(&answer)) return one->recipient->name.key;
    if (auto const* many = std::get_if<resolver::Many>(&answer)) {
        std::set<std::string> names;
        for (auto const& name : many->names) names.insert(name.key);
        std::string text;
        for (auto const& name : names) text += (text.empty() ? "" : " | ") + name;
        return text;
    }
    if (std::holds_alternative<resolver::None>(answer)) return "none";
    return std::holds_alternative<resolver::NotAsked>(answer) ? "not asked" : "unavailable";
}

}  // namespace splitmx::directory::copy
