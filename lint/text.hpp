// Findings as an administrator reads them: severity, id and name, what is wrong, the entries below.
//
//     error  D001 duplicate-address    sales@contoso.com is held by 2 entries; mail
//            for it gets 451 4.1.4
//              uid=anna,ou=people,dc=adatum,dc=com  mailLocalAddress: sales@contoso.com
//              cn=Sales (Notes),ou=people,dc=adatum,dc=com
//                mailLocalAddress: sales@contoso.com
//            -> take the address away from all entries but one
//
// Lines end at 80 columns where words allow it; a DN is never broken. Threads: pure.
#pragma once

#include "lint/lint.hpp"

#include <string>

namespace splitmx::lint {

inline constexpr std::size_t shown_places = 5;  // of more, the first three are shown

// `all_places`: however many.
std::string to_text(Finding const& finding, bool all_places = false);

// "3 errors, 11 warnings in 41812 recipients."
std::string summary(Counts const& counts, std::size_t recipients);

}  // namespace splitmx::lint
