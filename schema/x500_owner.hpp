// Whose X500 address might it be that no entry has? A guess for an administrator, by the names that
// Exchange makes of an alias: ".../cn=anna", ".../cn=Anna Meyer9ca" with three digits against
// doubles, and
// ".../cn=<32 digits>-anna" since 2013. Good only where exactly one recipient fits.
// Threads: pure; a guesser is read from any. Ownership: refers to the listing, which outlives it.
// Errors: none.
#pragma once

#include "ldap/change.hpp"
#include "mail/result.hpp"
#include "mail/x500_address.hpp"
#include "schema/listing.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace splitmx::schema {

class X500Guesser {
public:
    explicit X500Guesser(Listing const& listing);

    // Index of Listing::recipients.
    [[nodiscard]] std::optional<std::size_t> owner(mail::X500Address const& address) const;

private:
    void add(std::string const& name, std::size_t listed);

    std::unordered_map<std::string, std::optional<std::size_t>> by_name_;  // none: several
};

// The change that gives an entry the address. Fails where its name is no DN.
[[nodiscard]] mail::Result<ldap::ModifyEntry> with_x500(
    Profile const& profile, resolver::EntryName const& entry, mail::X500Address const& address
);

// The value that a profile keeps it in: "proxyAddresses: X500:/o=...".
struct X500Value {
    std::string attribute;
    std::string value;
};
[[nodiscard]] X500Value x500_value(Profile const& profile, mail::X500Address const& address);

}  // namespace splitmx::schema
