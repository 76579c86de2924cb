// One recipient of the directory for people and programs: two or three lines, a JSON object, a row.
// Threads: pure. Errors: none.
#pragma once

#include "schema/listing.hpp"

#include <string>

namespace splitmx::admin {

//     anna@adatum.com  mailbox, host mbx1.adatum.com
//         Anna Albers  uid=anna,ou=people,dc=adatum,dc=com
//         also administrator@adatum.com
std::string to_text(schema::ListedRecipient const& listed);

// Without a line end.
std::string to_json(schema::Listing const& listing, schema::ListedRecipient const& listed);

// RFC 4180, with its line end. Several addresses stand in one field, divided by blanks.
std::string csv_heading();
std::string to_csv(schema::Listing const& listing, schema::ListedRecipient const& listed);

}  // namespace splitmx::admin
