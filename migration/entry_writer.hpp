// People as entries of a directory, in the words of a profile: LDIF that ldapadd takes.
//
// An address or a name that an earlier row has is found: of every address and name a checksum of 64
// bits is kept with its line, 16 octets and the table's own, whatever the file's size is. An entry
// is called by its alias, and where another one has that, by its primary address.
// Threads: one. Errors: a Rejection, or the Skip of whom this directory is not for.
// Source: RFC 2849, RFC 4514, RFC 4519 2.39 for uid; misc.schema of OpenLDAP for ASCII alone.
#pragma once

#include "ldap/entry.hpp"
#include "migration/person.hpp"
#include "migration/report.hpp"
#include "schema/profile.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace splitmx::migration {

struct EntrySettings {
    schema::Profile const* profile = nullptr;  // of the directory that the entries are for
    ldap::Dn base;                             // they are below it
    std::vector<mail::Domain> domains;         // ours; none: any is
    std::string mail_host;                     // of every mailbox; empty: as the person says
};

// The name of a [host.NAME], or a name or address: one word of ASCII.
[[nodiscard]] bool is_mail_host(std::string_view text);

class EntryWriter {
public:
    explicit EntryWriter(EntrySettings settings) : settings_(std::move(settings)) {}

    // The record with the blank line that ends it.
    [[nodiscard]] std::variant<std::string, Skip, Rejection> write(
        Person person, std::size_t line, Report& report
    );

private:
    using Seen = std::unordered_map<std::uint64_t, std::size_t>;  // checksum to line

    bool is_ours(mail::Domain const& domain) const;
    std::variant<std::monostate, Skip, Rejection> choose_addresses(Person& person) const;
    mail::Result<ldap::Dn> name_of(Person& person) const;
    void add_x500(ldap::Entry& entry, Person const& person, std::size_t line, Report& report);

    EntrySettings settings_;
    Seen addresses_;
    Seen names_;
};

}  // namespace splitmx::migration
