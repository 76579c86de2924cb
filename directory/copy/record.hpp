// One entry in its compact form: an immutable run of octets from which the recipient is made again
// when somebody asks for it. Texts that entries share are numbers of a dictionary. Equal recipients
// have equal records, so that a refresh which brings nothing new changes nothing.
// An entry that matches the filter but is no recipient has a record, too: a server may call it
// "present", and must not be thought to speak of an entry we have lost.
// Threads: a record never changes once it can be seen, but for `mark`, which is the writer's own.
// Errors: octets that no encode() made give an incomplete recipient, never a read beyond them.
#pragma once

#include "directory/copy/dictionary.hpp"
#include "ldap/entry_id.hpp"
#include "resolver/recipient.hpp"
#include "schema/remark.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::directory::copy {

struct Record {
    ldap::EntryId::Octets id;
    std::uint32_t size;  // octets that follow this head
    std::uint32_t mark;  // the refresh that confirmed it last

    [[nodiscard]] std::string_view octets() const {
        return {reinterpret_cast<char const*>(this + 1), size};
    }
};
static_assert(sizeof(Record) == 24);

// An address as it is looked for. Ownership: the address outlives it.
class AddressKey {
public:
    explicit AddressKey(mail::Mailbox const& address);
    explicit AddressKey(mail::Mailbox&& address) = delete;  // it would not

    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::string_view folded_local_part() const { return folded_; }
    [[nodiscard]] std::string_view domain() const { return domain_; }

private:
    std::string folded_;
    std::string_view domain_;
    std::uint64_t hash_;
};

// The same for an X500 address.
class X500Key {
public:
    explicit X500Key(mail::X500Address const& address);

    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::string_view text() const { return key_; }

private:
    std::string key_;
    std::uint64_t hash_;
};

enum class RecordKind { mailbox, custom_recipient, group, no_recipient };

class Codec {
public:
    using Words = Dictionary<std::string>;
    using Domains = Dictionary<mail::Domain>;

    // Writer only: may add to the dictionaries.
    [[nodiscard]] std::string encode(
        resolver::Recipient const& recipient, std::vector<schema::MappingRemark> const& remarks = {}
    );
    [[nodiscard]] static std::string encode_no_recipient();

    [[nodiscard]] static RecordKind kind(Record const& record);
    // All that a record counts for, beside its kind. Nothing for most.
    struct Extras {
        resolver::MailboxUse use = resolver::MailboxUse::ordinary;
        std::vector<resolver::ForeignAddresses> foreign_addresses;
    };
    [[nodiscard]] std::optional<Extras> extras(Record const& record) const;
    [[nodiscard]] resolver::Recipient decode(Record const& record) const;
    [[nodiscard]] std::vector<schema::MappingRemark> remarks(Record const& record) const;
    [[nodiscard]] resolver::EntryName name(Record const& record) const;
    [[nodiscard]] std::vector<mail::Mailbox> addresses(Record const& record) const;

    [[nodiscard]] bool has_address(Record const& record, AddressKey const& key) const;
    [[nodiscard]] bool has_address(Record const& record, X500Key const& key) const;
    // Of the mail type.
    [[nodiscard]] bool has_addresses(Record const& record) const;
    [[nodiscard]] bool has_name(Record const& record, std::string_view name_key) const;
    // What tables find a record by: all its addresses, X500 ones among them. The same for an
    // address whatever its case or quoting.
    void address_hashes(Record const& record, std::vector<std::uint64_t>& hashes) const;
    [[nodiscard]] std::uint64_t name_hash(Record const& record) const;
    void domain_ids(Record const& record, std::vector<Domains::Id>& ids) const;

    [[nodiscard]] Domains const& domains() const { return domains_; }

    // For snapshots. read_dictionaries() requires empty ones; false: they are not what was written.
    void append_dictionaries(std::string& octets) const;
    [[nodiscard]] bool read_dictionaries(std::string_view octets);

private:
    friend class Encoder;
    friend class Decoder;

    Words words_;
    Domains domains_;
};

}  // namespace splitmx::directory::copy
