// The recipients of one directory in memory, found by address and by name. Entries are known by
// their id (entryUUID): a DN may change, an id does not. An address that several entries hold is
// kept for each of them, so that it still has an owner when one of them goes.
// Threads: find(), visit() and counts() from any, and they never wait; everything else from one
// writer at a time. Between two changes of an entry, each reader sees it wholly as before or as
// after. Memory: about 200 octets an entry with three addresses (bench/bench_copy.cpp). A refresh
// takes none: entries are confirmed in place and only what has changed is replaced.
#pragma once

#include "directory/copy/read_gate.hpp"
#include "directory/copy/record.hpp"
#include "directory/copy/table.hpp"
#include "resolver/directory.hpp"
#include "schema/listing.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace splitmx::directory::copy {

inline constexpr std::size_t mailbox_uses = 6;

struct Counts {
    std::size_t mailboxes = 0;
    std::size_t custom_recipients = 0;
    std::size_t groups = 0;
    std::size_t others = 0;  // within the filter, but no recipients
    std::array<std::size_t, mailbox_uses> uses{};  // by resolver::MailboxUse

    [[nodiscard]] std::size_t recipients() const { return mailboxes + custom_recipients + groups; }
    [[nodiscard]] std::size_t entries() const { return recipients() + others; }
};

// An address that two or more entries hold.
struct SharedAddress {
    mail::Mailbox address;
    std::vector<resolver::EntryName> owners;
};

// What a change means for others.
struct Effects {
    std::vector<mail::Mailbox> changed;  // addresses whose entry is another or tells something else
    std::vector<SharedAddress> shared;   // since this change
};

class Index {
public:
    Index();
    ~Index();
    Index(Index const&) = delete;
    Index& operator=(Index const&) = delete;

    // -- readers

    // None, One or Many.
    [[nodiscard]] resolver::Answer find(mail::Mailbox const& address) const;
    [[nodiscard]] resolver::Answer find(resolver::EntryName const& name) const;
    [[nodiscard]] resolver::Answer find(mail::X500Address const& address) const;
    [[nodiscard]] Counts counts() const;
    // Addresses that are of no concern to mail, by type; of many types the later ones as "OTHER".
    // Waits for the writer's present change.
    [[nodiscard]] std::map<std::string, std::uint64_t> foreign_addresses() const;
    // All recipients in no order, part by part; an entry is in one part for ever.
    static constexpr std::size_t parts = Table::shard_count;
    [[nodiscard]] std::vector<schema::ListedRecipient> part(std::size_t number) const;

    // -- the writer

    // The entry is this recipient, or (none) no recipient at all; whatever it was before. It counts
    // as confirmed. `effects` may be null. False: that is what it was.
    bool put(
        ldap::EntryId const& id,
        std::optional<resolver::Recipient> const& recipient,
        Effects* effects,
        std::vector<schema::MappingRemark> const& remarks = {}
    );
    // False: there is no such entry.
    bool remove(ldap::EntryId const& id, Effects* effects);

    // A refresh begins: nothing is confirmed any more.
    void begin_refresh() { ++refresh_; }
    // False: there is no such entry.
    bool confirm(ldap::EntryId const& id);
    [[nodiscard]] bool has_addresses(ldap::EntryId const& id) const;
    // Calls f for every entry.
    void visit_entries(
        std::function<void(ldap::EntryId const&, Record const&, bool confirmed)> const& f
    ) const;
    // Removes what is not confirmed, and tells how many that were.
    std::size_t sweep(Effects* effects);
    void clear();

    // -- snapshots (snapshot.hpp): records as they are, by shards of their ids

    [[nodiscard]] Codec& codec() { return codec_; }
    [[nodiscard]] Codec const& codec() const { return codec_; }
    struct Tally {
        std::uint64_t records = 0;
        std::uint64_t addresses = 0;
    };
    void append_shard(std::size_t shard, std::string& octets, Tally& tally) const;
    // Takes over records that append_shard() wrote, eight octets aligned, dictionaries filled
    // before. Requires: empty. False: they are not what append_shard() writes.
    bool adopt(
        std::unique_ptr<char[]> memory, char* records, std::size_t octets, Tally const& tally
    );

private:
    Record* make_record(ldap::EntryId const& id, std::string const& octets) const;
    Record* find_record(ldap::EntryId const& id) const;
    Record* find_record(std::string_view name_key) const;
    bool holds_its_name(Record const& record) const;
    // By AddressKey or X500Key.
    template <class Key>
    resolver::Answer find_by(Key const& key) const;
    // Nothing where there are several.
    template <class Key>
    std::optional<resolver::Answer> single_owner(Key const& key) const;
    template <class Key>
    std::vector<Record const*> owners_of(Key const& key) const;

    void confirm(Record& record);
    void move_addresses(Record const* from, Record* to, Effects* effects);
    void move_name(Record const* from, Record* to);
    void tell_shared(
        Record const& record, std::vector<std::uint64_t> const& fresh, Effects& effects
    ) const;
    void count(Record const& record, std::ptrdiff_t by);
    void count_extras(Codec::Extras const& extras, std::ptrdiff_t by);
    void take_out(Record* record, Effects* effects);
    void retire(Record* record);
    void free_retired();
    bool is_adopted(Record const* record) const;

    ReadGate gate_;
    Codec codec_;
    Table by_id_;
    Table by_name_;
    Table by_address_;
    std::array<std::atomic<std::size_t>, 4> counts_{};  // by RecordKind
    std::array<std::atomic<std::size_t>, mailbox_uses> uses_{};
    mutable std::mutex foreign_mutex_;
    std::map<std::string, std::uint64_t> foreign_;  // a type that was here stays
    std::uint32_t refresh_ = 1;
    std::vector<Record*> retired_;
    std::unique_ptr<char[]> adopted_;  // records out of a snapshot, freed together
    char const* adopted_begin_ = nullptr;
    char const* adopted_end_ = nullptr;
};

}  // namespace splitmx::directory::copy
