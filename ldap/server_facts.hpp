// What a directory server tells about itself (its root DSE, RFC 4512 5.1), and how it can be
// followed because of that.
//
// Values and functions of values; no threads.
#pragma once

#include "ldap/dn.hpp"
#include "ldap/entry.hpp"
#include "ldap/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

// How a copy is kept up to date.
enum class SyncMethod {
    syncrepl,  // RFC 4533 refreshAndPersist: the server sends changes as they happen
    dirsync,   // Active Directory: changes are asked for, when its update sequence number moved
    poll,      // everything is read again now and then, page by page (RFC 2696)
};
[[nodiscard]] std::string_view to_text(SyncMethod method) noexcept;

// What the administrator wants.
enum class SyncChoice { automatic, syncrepl, dirsync, poll };

enum class Vendor { unknown, openldap, directory_389, active_directory };
[[nodiscard]] std::string_view to_text(Vendor vendor) noexcept;

struct ServerFacts {
    Vendor vendor = Vendor::unknown;
    std::string version;                // as the server writes it; often empty
    std::vector<std::string> controls;  // OIDs
    std::vector<std::string> capabilities;
    std::vector<Dn> naming_contexts;
    // Of 389's changelog: the oldest change that it still has, and the newest.
    std::optional<std::uint64_t> first_change;
    std::optional<std::uint64_t> last_change;
    std::string service_name;  // of Active Directory's domain controller: dsServiceName

    [[nodiscard]] bool has_control(std::string_view oid) const noexcept;
    // The naming context that `dn` is in; nothing known: the DN itself.
    [[nodiscard]] Dn naming_context_of(Dn const& dn) const;
};

inline constexpr std::string_view sync_request_oid = "1.3.6.1.4.1.4203.1.9.1.1";  // RFC 4533 2.2
inline constexpr std::string_view paged_results_oid = "1.2.840.113556.1.4.319";   // RFC 2696 2
inline constexpr std::string_view dirsync_oid = "1.2.840.113556.1.4.841";         // MS-ADTS

// The attributes of the root DSE that facts are made of.
[[nodiscard]] std::vector<std::string> root_dse_attributes();
[[nodiscard]] ServerFacts facts_from_root_dse(Entry const& root_dse);
// highestCommittedUSN of Active Directory's root DSE.
[[nodiscard]] std::optional<std::uint64_t> committed_usn(Entry const& root_dse);
// A global catalogue (ports 3268 and 3269) has the whole forest, a part of the attributes, and no
// DirSync.
[[nodiscard]] bool is_global_catalogue(std::string_view uri) noexcept;

// Fails with Errc::unsupported: such a server can only be asked, one search at a time.
[[nodiscard]] Result<SyncMethod> choose_method(SyncChoice choice, ServerFacts const& facts);

}  // namespace splitmx::ldap
