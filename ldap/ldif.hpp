// LDIF (RFC 2849): content records to entries, and an entry to text.
//
// Reading is all or nothing: the first thing that is wrong is reported with its line, because a
// routing directory that silently lacks an entry would turn mail away. Folded lines, comments,
// base64, CRLF and a leading "version: 1" are understood. Change records ("changetype:"), values by
// URL ("attr:< file:") and included files are refused with Errc::unsupported: a data file must not
// make us open others. Functions without state, for any thread.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/errc.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

inline constexpr std::size_t max_ldif_size = std::size_t{2} << 30U;  // octets, 2 GiB

// Fails with Errc::syntax, duplicate_entry or unsupported; Error::at is the line, from 1.
[[nodiscard]] Result<std::vector<Entry>> parse_ldif(std::string_view text);

// As parse_ldif, with the file's name before the reason; also Errc::file.
[[nodiscard]] Result<std::vector<Entry>> read_ldif(std::filesystem::path const& file);

// The entry as one record with the blank line that ends it; values in base64 where they need it.
[[nodiscard]] std::string to_ldif(Entry const& entry);

}  // namespace splitmx::ldap
