// What every user of a libldap handle here needs: owners, and the small things libldap leaves out.
//
// For the thread that owns the handle. Included by .cpp files only: it brings in <ldap.h>.
#pragma once

#include "ldap/search.hpp"

#include <ldap.h>

#include <memory>
#include <string>
#include <vector>

namespace splitmx::ldap::net {

struct MessageDeleter {
    void operator()(LDAPMessage* message) const noexcept { ldap_msgfree(message); }
};
using Message = std::unique_ptr<LDAPMessage, MessageDeleter>;

[[nodiscard]] int descriptor_of(LDAP* handle) noexcept;

[[nodiscard]] int to_libldap(Scope scope) noexcept;

// Names in the form libldap wants: pointers into `names`, null at the end. Empty for none.
[[nodiscard]] std::vector<char*> to_array(std::vector<std::string> const& names);

// Notes from now on whether octets of ours wait for room in the socket. libldap keeps a request
// that was written in part until the next ldap_result, and has no other way to tell. Once for a
// handle; `blocked` must outlive it, for its destructor writes too.
void watch_writes(LDAP* handle, bool& blocked);

}  // namespace splitmx::ldap::net
