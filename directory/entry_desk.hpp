// One directory for a person at work on single entries: who has an address, what is at a name, who
// refers to it, and a change made. An LDIF file can be read, and not changed: files have editors.
// Threads: blocking, one at a time. Errors: the server's or the file's, with the directory's name;
// nothing found is an empty list. The program must ignore SIGPIPE.
#pragma once

#include "config/config.hpp"
#include "ldap/change.hpp"
#include "mail/mailbox.hpp"
#include "mail/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace splitmx::directory {

// Somebody who may write, if not the directory's own account.
struct WriteAccount {
    std::string bind_dn;
    std::string password;
};

class EntryDesk {
public:
    [[nodiscard]] static mail::Result<EntryDesk> open(config::Directory const& directory);
    EntryDesk(EntryDesk&&) noexcept;
    EntryDesk& operator=(EntryDesk&&) noexcept;
    ~EntryDesk();

    // Entries whole, with all their user attributes.
    [[nodiscard]] mail::Result<std::vector<ldap::Entry>> owners(mail::Mailbox const& address);
    [[nodiscard]] mail::Result<std::vector<ldap::Entry>> at(ldap::Dn const& dn);  // one or none
    // Those that name it: as a member, an alternate, or in a restriction.
    [[nodiscard]] mail::Result<std::vector<ldap::Entry>> referring_to(ldap::Dn const& dn);

    // Over a connection of its own. In their order; the first one that fails ends it, and the error
    // says how many were made.
    [[nodiscard]] mail::Result<void> apply(
        std::vector<ldap::Change> const& changes, WriteAccount const& account
    );

    config::Directory const& directory() const;
    bool is_file() const { return directory().ldif_file.has_value(); }

private:
    class Access;
    explicit EntryDesk(std::unique_ptr<Access> access);

    std::unique_ptr<Access> access_;
};

}  // namespace splitmx::directory
