// Exchange's list of addresses in one value: "SMTP:anna@adatum.com%X400:c=US;a= ;p=Adatum;s=Anna;".
// The mail addresses of it, X500 addresses, and the others by type. A separator counts only where a
// type follows, since X.400 and X.500 addresses have any of them inside; a list without types is
// one of plain addresses. Threads: pure functions. Source: Q146304, Q155594; Exchange's
// EmailAddresses.
#pragma once

#include "mail/mailbox.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::migration {

struct ProxyAddresses {
    std::vector<mail::Mailbox> mailboxes;  // the primary one first, in any case
    bool has_primary = false;              // one was written "SMTP:" in capitals
    std::vector<std::string> malformed;    // of the mail type
    std::vector<std::string> x500;         // of type X500 or EX, without it
    std::vector<std::string> other_types;  // "X400", "SIP", one for each value
};

// What stands between two values.
inline constexpr std::string_view exchange55_separators = "%";
inline constexpr std::string_view exchange_separators = ";,|% \t\r\n";

[[nodiscard]] ProxyAddresses read_proxy_addresses(
    std::string_view list, std::string_view separators
);

// PowerShell writes what a list is called where a property holds one:
// "Microsoft.Exchange.Data.ProxyAddressCollection".
[[nodiscard]] bool is_name_of_a_list(std::string_view value);

}  // namespace splitmx::migration
