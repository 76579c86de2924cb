// The recipients of a listing, found by address and by name: a directory that is complete.
// Threads: immutable, read from any. Ownership: refers to the listing, which outlives it. Errors:
// none; an address of several entries is Many, as everywhere.
#pragma once

#include "resolver/directory.hpp"
#include "schema/listing.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace splitmx::lint {

class People final : public resolver::Directory {
public:
    explicit People(schema::Listing const& listing);

    resolver::Answer find(mail::Mailbox const& address) const override;
    resolver::Answer find(resolver::EntryName const& name) const override;
    resolver::Answer find(mail::X500Address const& address) const override;

    // Indices of the listing, in its order; empty where nobody has it.
    std::vector<std::size_t> owners(mail::Mailbox const& address) const;
    std::vector<std::size_t> owners(mail::X500Address const& address) const;
    std::vector<std::size_t> entries(resolver::EntryName const& name) const;

    schema::Listing const& listing() const { return listing_; }
    std::vector<schema::ListedRecipient> const& all() const { return listing_.recipients; }

private:
    // Key to one or more indices; more are rare, so they are chained.
    class Index {
    public:
        void reserve(std::size_t keys) { first_.reserve(keys); }
        void add(std::string key, std::size_t listed);
        std::vector<std::size_t> find(std::string const& key) const;

    private:
        struct Link {
            std::uint32_t listed;
            std::uint32_t next;  // position + 1; 0: the last
        };
        std::unordered_map<std::string, std::uint32_t> first_;
        std::vector<Link> links_;
    };

    resolver::Answer answer(std::vector<std::size_t> const& found) const;

    schema::Listing const& listing_;
    Index by_address_;
    Index by_name_;
    Index by_x500_;
};

}  // namespace splitmx::lint
