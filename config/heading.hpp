// Texts of TOML: what stands in quotes, and the heading of a section with a name.
// Threads: free functions. Source: TOML 1.0, "String" and "Keys".
#pragma once

#include <string>
#include <string_view>

namespace splitmx::config {

std::string in_quotes(std::string_view text);

// "[host.notes]"; a name that cannot stand bare is quoted: [host."mbx1.adatum.com"]. `below` is
// a table in the section: "map".
std::string heading_of(
    std::string_view section, std::string_view name, std::string_view below = {}
);

}  // namespace splitmx::config
