// All recipients of all directories at one moment, each with the entry it was made from: what
// lint, search and export read. Threads: plain values, shared as pointers to const. Ownership: a
// listing owns its entries. Errors: none; a directory that could not be read whole has no listing.
#pragma once

#include "ldap/entry.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"
#include "schema/remark.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::schema {

struct ListedSource {
    std::string name;        // of its [directory.NAME]
    Profile profile;         // by which its entries were read
    std::size_t others = 0;  // entries that are no recipients
};

struct ListedRecipient {
    resolver::RecipientPtr recipient;          // never null
    std::shared_ptr<ldap::Entry const> entry;  // null where only the recipient is known
    std::vector<MappingRemark> remarks;
    std::size_t source = 0;  // index of Listing::sources
};

struct Listing {
    std::vector<ListedSource> sources;
    std::vector<ListedRecipient> recipients;  // source by source, each in its own order

    Profile const& profile_of(ListedRecipient const& one) const {
        return sources[one.source].profile;
    }
    // One more entry of that source; counted where it is no recipient.
    void add(std::size_t source, std::shared_ptr<ldap::Entry const> entry);
};

}  // namespace splitmx::schema
