// recipient.schema and recipient.ldif of this folder, as they are, inside the program.
// Threads: constants.
#pragma once

#include <string_view>

namespace splitmx::schema {

[[nodiscard]] std::string_view recipient_schema();  // for slapd.conf
[[nodiscard]] std::string_view recipient_ldif();    // for cn=config

}  // namespace splitmx::schema
