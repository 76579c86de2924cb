// A directory that is one LDIF file (RFC 2849), read whole into memory: for small sites, tests and
// tools. Always complete, so whoever is not in it does not exist.
// Loading is all or nothing; a file that changed is loaded again as a new value.
// Errors: of load() name the file and the line. Single values that cannot be used are no errors but
// remarks. Threads: immutable after load(), so read from any number of threads.
#pragma once

#include "directory/recipient_book.hpp"
#include "ldap/errc.hpp"
#include "resolver/directory.hpp"
#include "schema/lookup.hpp"
#include "schema/profile.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace splitmx::directory {

struct EntryCounts {
    std::size_t mailboxes = 0;
    std::size_t custom_recipients = 0;
    std::size_t groups = 0;
    std::size_t others = 0;  // no recipients, or not within the profile's filter
};

class LdifDirectory final : public resolver::Directory {
public:
    [[nodiscard]] static ldap::Result<std::shared_ptr<LdifDirectory const>> load(
        std::filesystem::path const& file, schema::Profile const& profile
    );

    // None, One or Many; Unavailable for an entry of which the file has only a part of the values.
    resolver::Answer find(mail::Mailbox const& address) const override {
        return if_whole(book_.find(address));
    }
    resolver::Answer find(resolver::EntryName const& name) const override {
        return if_whole(book_.find(name));
    }
    resolver::Answer find(mail::X500Address const& address) const override {
        return if_whole(book_.find(address));
    }

    EntryCounts const& counts() const { return counts_; }
    // In the order of the file.
    std::vector<resolver::RecipientPtr> const& recipients() const { return book_.all(); }
    std::vector<schema::EntryRemarks> const& remarks() const { return remarks_; }

private:
    LdifDirectory() = default;

    void add(schema::Profile const& profile, ldap::Entry const& entry);
    void count(resolver::RecipientKind kind);
    resolver::Answer if_whole(resolver::Answer answer) const;

    RecipientBook book_;
    std::unordered_set<std::string> partial_;  // keys of DNs
    std::vector<schema::EntryRemarks> remarks_;
    EntryCounts counts_;
};

}  // namespace splitmx::directory
