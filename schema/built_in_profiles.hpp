// The profiles that ship with the program, as data. Internal to schema: others ask find_profile().
// Threads: pure functions.
#pragma once

#include "schema/profile.hpp"

namespace splitmx::schema {

Profile own_schema();
Profile laser();
Profile active_directory();
Profile netscape();
Profile sun();
Profile qmail();
Profile exchange55();
Profile inetorgperson();

// Conditions, for the tables.
Condition has_class(std::string name);
Condition present(std::string name, std::string without = "");
Condition equals(std::string name, std::string value);
Condition is_true(std::string name);
ldap::Filter any_class(std::vector<std::string> const& names);

}  // namespace splitmx::schema
