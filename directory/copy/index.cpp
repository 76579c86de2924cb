#include "directory/copy/index.hpp"

#include "directory/copy/hash.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace splitmx::directory::copy {

namespace {

constexpr std::size_t retired_at_once = 256;
constexpr std::size_t foreign_types = 24;  // that are counted each

std::uint64_t id_hash(ldap::EntryId::Octets const& id) {
    return hash({reinterpret_cast<char const*>(id.data()), id.size()});
}

resolver::RecipientPtr made_from(Codec const& codec, Record const& record) {
    return std::make_shared<resolver::Recipient const>(codec.decode(record));
}

}  // namespace

Index::Index()
    : by_id_(
          gate_,
          [](Record const& record, std::vector<std::uint64_t>& hashes) {
              hashes.assign(1, id_hash(record.id));
          }
      ),
      by_name_(
          gate_,
          [this](Record const& record, std::vector<std::uint64_t>& hashes) {
              hashes.assign(1, codec_.name_hash(record));
          }
      ),
      by_address_(gate_, [this](Record const& record, std::vector<std::uint64_t>& hashes) {
          codec_.address_hashes(record, hashes);
      }) {}

Index::~Index() {
    for (std::size_t shard = 0; shard < Table::shard_count; ++shard) {
        by_id_.visit_shard(shard, [this](Record& record) { retire(&record); });
    }
    free_retired();
}

// -- readers -------------------------------------------------------------------------------------

// Two entries cannot have one name. Where it seems so, the older one is gone or has a new name, and
// the server has not come to tell us yet.
bool Index::holds_its_name(Record const& record) const {
    return find_record(codec_.name(record).key) == &record;
}

// One owner is what nearly every address has, and costs no list.
template <class Key>
std::optional<resolver::Answer> Index::single_owner(Key const& key) const {
    Record const* owner = nullptr;
    bool const several = by_address_.visit(key.hash(), [&](Record const& record) {
        if (&record == owner || !codec_.has_address(record, key)) return false;
        if (owner != nullptr) return true;
        owner = &record;
        return false;
    });
    if (several) return std::nullopt;
    if (owner == nullptr) return resolver::None{};
    return resolver::One{made_from(codec_, *owner)};
}

template <class Key>
std::vector<Record const*> Index::owners_of(Key const& key) const {
    std::vector<Record const*> owners;
    by_address_.visit(key.hash(), [&](Record const& record) {
        bool const is_new = std::find(owners.begin(), owners.end(), &record) == owners.end();
        if (is_new && codec_.has_address(record, key)) owners.push_back(&record);
        return false;
    });
    if (owners.size() > 1) {
        auto const first_old = std::stable_partition(
            owners.begin(), owners.end(), [this](auto const* one) { return holds_its_name(*one); }
        );
        if (first_old != owners.begin()) owners.erase(first_old, owners.end());
    }
    return owners;
}

template <class Key>
resolver::Answer Index::find_by(Key const& key) const {
    auto const pass = gate_.enter();
    if (auto answer = single_owner(key)) return std::move(*answer);
    auto const owners = owners_of(key);
    if (owners.empty()) return resolver::None{};
    if (owners.size() == 1) return resolver::One{made_from(codec_, *owners.front())};
    resolver::Many many;
    for (auto const* owner : owners) many.names.push_back(codec_.name(*owner));
    return many;
}

resolver::Answer Index::find(mail::Mailbox const& address) const {
    return find_by(AddressKey(address));
}

resolver::Answer Index::find(mail::X500Address const& address) const {
    return find_by(X500Key(address));
}

resolver::Answer Index::find(resolver::EntryName const& name) const {
    auto const pass = gate_.enter();
    auto const* record = find_record(name.key);
    if (record == nullptr) return resolver::None{};
    return resolver::One{made_from(codec_, *record)};
}

Counts Index::counts() const {
    auto const of = [this](RecordKind kind) {
        return counts_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
    };
    Counts counts{
        of(RecordKind::mailbox),
        of(RecordKind::custom_recipient),
        of(RecordKind::group),
        of(RecordKind::no_recipient),
        {}};
    for (std::size_t use = 0; use < mailbox_uses; ++use) {
        counts.uses[use] = uses_[use].load(std::memory_order_relaxed);
    }
    return counts;
}

std::map<std::string, std::uint64_t> Index::foreign_addresses() const {
    std::lock_guard const lock(foreign_mutex_);
    auto all = foreign_;
    std::erase_if(all, [](auto const& one) { return one.second == 0; });
    return all;
}

std::vector<schema::ListedRecipient> Index::part(std::size_t number) const {
    std::vector<schema::ListedRecipient> listed;
    auto const pass = gate_.enter();
    by_id_.visit_shard(number, [&](Record const& record) {
        if (Codec::kind(record) == RecordKind::no_recipient) return;
        listed.push_back({made_from(codec_, record), nullptr, codec_.remarks(record)});
    });
    return listed;
}

// -- the writer ----------------------------------------------------------------------------------

Record* Index::make_record(ldap::EntryId const& id, std::string const& octets) const {
    auto* memory = ::operator new(sizeof(Record) + octets.size());
    auto* record = new (memory) Record{id.octets(), static_cast<std::uint32_t>(octets.size()), 0};
    std::memcpy(record + 1, octets.data(), octets.size());
    record->mark = refresh_;
    return record;
}

Record* Index::find_record(ldap::EntryId const& id) const {
    Record* found = nullptr;
    by_id_.visit(id_hash(id.octets()), [&](Record& record) {
        if (record.id != id.octets()) return false;
        found = &record;
        return true;
    });
    return found;
}

Record* Index::find_record(std::string_view name_key) const {
    Record* found = nullptr;
    by_name_.visit(hash(name_key), [&](Record& record) {
        if (!codec_.has_name(record, name_key)) return false;
        found = &record;
        return true;
    });
    return found;
}

bool Index::put(
    ldap::EntryId const& id,
    std::optional<resolver::Recipient> const& recipient,
    Effects* effects,
    std::vector<schema::MappingRemark> const& remarks
) {
    auto const octets =
        recipient ? codec_.encode(*recipient, remarks) : Codec::encode_no_recipient();
    auto* const old = find_record(id);
    if (old != nullptr && old->octets() == octets) {
        confirm(*old);
        return false;
    }
    auto* const fresh = make_record(id, octets);
    auto const hash_of_id = id_hash(fresh->id);
    move_addresses(old, fresh, effects);
    move_name(old, fresh);
    if (old != nullptr) {
        by_id_.replace(hash_of_id, old, fresh);
        count(*old, -1);
    } else {
        by_id_.make_room(hash_of_id, 1);
        by_id_.insert(hash_of_id, fresh);
    }
    count(*fresh, 1);
    if (old != nullptr) retire(old);
    return true;
}

// New owners first, so that an address which stays is never without one.
void Index::move_addresses(Record const* from, Record* to, Effects* effects) {
    std::vector<std::uint64_t> before;
    std::vector<std::uint64_t> after;
    if (from != nullptr) codec_.address_hashes(*from, before);
    if (to != nullptr) codec_.address_hashes(*to, after);
    for (auto const hash : after) by_address_.make_room(hash, after.size());
    std::vector<std::uint64_t> fresh;
    for (auto const hash : after) {
        auto const kept = std::find(before.begin(), before.end(), hash);
        if (kept != before.end()) {
            by_address_.replace(hash, from, to);
            before.erase(kept);
        } else {
            by_address_.insert(hash, to);
            fresh.push_back(hash);
        }
    }
    for (auto const hash : before) by_address_.erase(hash, from);
    if (effects == nullptr) return;
    auto const first = static_cast<std::ptrdiff_t>(effects->changed.size());
    if (from != nullptr && Codec::kind(*from) != RecordKind::no_recipient) {
        for (auto& address : codec_.addresses(*from))
            effects->changed.push_back(std::move(address));
    }
    if (to == nullptr || Codec::kind(*to) == RecordKind::no_recipient) return;
    for (auto& address : codec_.addresses(*to)) {
        auto& changed = effects->changed;
        if (std::find(changed.begin() + first, changed.end(), address) == changed.end()) {
            changed.push_back(std::move(address));
        }
    }
    if (!fresh.empty()) tell_shared(*to, fresh, *effects);
}

void Index::tell_shared(
    Record const& record, std::vector<std::uint64_t> const& fresh, Effects& effects
) const {
    for (auto& address : codec_.addresses(record)) {
        SharedAddress shared{std::move(address), {}};
        AddressKey const key(shared.address);
        if (std::find(fresh.begin(), fresh.end(), key.hash()) == fresh.end()) continue;
        shared.owners.push_back(codec_.name(record));
        by_address_.visit(key.hash(), [&](Record const& other) {
            if (&other == &record || !codec_.has_address(other, key)) return false;
            auto name = codec_.name(other);
            // The same entry under a new id, or one whose new name is still to come.
            bool const known =
                std::find(shared.owners.begin(), shared.owners.end(), name) != shared.owners.end();
            if (!known && holds_its_name(other)) shared.owners.push_back(std::move(name));
            return false;
        });
        if (shared.owners.size() > 1) effects.shared.push_back(std::move(shared));
    }
}

void Index::move_name(Record const* from, Record* to) {
    bool const had = from != nullptr && Codec::kind(*from) != RecordKind::no_recipient;
    bool const has = to != nullptr && Codec::kind(*to) != RecordKind::no_recipient;
    auto const before = had ? codec_.name(*from).key : std::string();
    auto const after = has ? codec_.name(*to).key : std::string();
    if (has) {
        auto const hash_of_name = hash(after);
        by_name_.make_room(hash_of_name, 1);
        if (auto const* holder = find_record(after))
            by_name_.replace(hash_of_name, holder, to);
        else
            by_name_.insert(hash_of_name, to);
    }
    // Not there any more if `to` has the name now, or if another entry took it.
    if (had) by_name_.erase(hash(before), from);
}

bool Index::remove(ldap::EntryId const& id, Effects* effects) {
    auto* const record = find_record(id);
    if (record == nullptr) return false;
    take_out(record, effects);
    return true;
}

void Index::take_out(Record* record, Effects* effects) {
    move_addresses(record, nullptr, effects);
    move_name(record, nullptr);
    by_id_.erase(id_hash(record->id), record);
    count(*record, -1);
    retire(record);
}

bool Index::confirm(ldap::EntryId const& id) {
    auto* const record = find_record(id);
    if (record == nullptr) return false;
    confirm(*record);
    return true;
}

// It also has its name, then; whoever seemed to have taken it has another one by now.
void Index::confirm(Record& record) {
    record.mark = refresh_;
    if (Codec::kind(record) != RecordKind::no_recipient && !holds_its_name(record)) {
        move_name(nullptr, &record);
    }
}

bool Index::has_addresses(ldap::EntryId const& id) const {
    auto const* record = find_record(id);
    return record != nullptr && codec_.has_addresses(*record);
}

void Index::visit_entries(std::function<void(ldap::EntryId const&, Record const&, bool)> const& f
) const {
    for (std::size_t shard = 0; shard < Table::shard_count; ++shard) {
        by_id_.visit_shard(shard, [&](Record const& record) {
            f(ldap::EntryId(record.id), record, record.mark == refresh_);
        });
    }
}

std::size_t Index::sweep(Effects* effects) {
    std::size_t swept = 0;
    for (std::size_t shard = 0; shard < Table::shard_count; ++shard) {
        std::vector<Record*> gone;
        by_id_.visit_shard(shard, [&](Record& record) {
            if (record.mark != refresh_) gone.push_back(&record);
        });
        for (auto* record : gone) take_out(record, effects);
        swept += gone.size();
    }
    return swept;
}

void Index::clear() {
    begin_refresh();
    sweep(nullptr);
}

void Index::count(Record const& record, std::ptrdiff_t by) {
    counts_[static_cast<std::size_t>(Codec::kind(record))].fetch_add(
        static_cast<std::size_t>(by), std::memory_order_relaxed
    );
    if (auto const extras = codec_.extras(record)) count_extras(*extras, by);
}

void Index::count_extras(Codec::Extras const& extras, std::ptrdiff_t by) {
    auto const use = static_cast<std::size_t>(extras.use);
    if (use < mailbox_uses) {
        uses_[use].fetch_add(static_cast<std::size_t>(by), std::memory_order_relaxed);
    }
    if (extras.foreign_addresses.empty()) return;
    std::lock_guard const lock(foreign_mutex_);
    for (auto const& [type, count] : extras.foreign_addresses) {
        bool const has_place = foreign_.size() < foreign_types || foreign_.contains(type);
        // Unsigned numbers: what goes is added as its complement.
        foreign_[has_place ? type : "OTHER"] += count * static_cast<std::uint64_t>(by);
    }
}

void Index::retire(Record* record) {
    if (is_adopted(record)) return;
    retired_.push_back(record);
    if (retired_.size() >= retired_at_once) free_retired();
}

void Index::free_retired() {
    gate_.wait_for_readers();
    for (auto* record : retired_) ::operator delete(record);
    retired_.clear();
}

bool Index::is_adopted(Record const* record) const {
    auto const* at = reinterpret_cast<char const*>(record);
    return at >= adopted_begin_ && at < adopted_end_;
}

// -- snapshots -----------------------------------------------------------------------------------

void Index::append_shard(std::size_t shard, std::string& octets, Tally& tally) const {
    std::vector<std::uint64_t> hashes;
    by_id_.visit_shard(shard, [&](Record const& record) {
        Record head{record.id, record.size, 0};
        octets.append(reinterpret_cast<char const*>(&head), sizeof head);
        octets.append(record.octets());
        octets.resize((octets.size() + 7) & ~std::size_t{7});
        codec_.address_hashes(record, hashes);
        tally.addresses += hashes.size();
        ++tally.records;
    });
}

bool Index::adopt(
    std::unique_ptr<char[]> memory, char* records, std::size_t octets, Tally const& tally
) {
    by_id_.reserve(tally.records);
    by_name_.reserve(tally.records);
    by_address_.reserve(tally.addresses);
    adopted_ = std::move(memory);
    adopted_begin_ = records;
    adopted_end_ = records + octets;
    std::vector<std::uint64_t> hashes;
    std::size_t at = 0;
    while (octets - at > sizeof(Record)) {
        auto* const record = reinterpret_cast<Record*>(records + at);
        if (record->size == 0 || record->size > octets - at - sizeof(Record)) break;
        at += (sizeof(Record) + record->size + 7) & ~std::size_t{7};
        record->mark = 0;
        auto const hash_of_id = id_hash(record->id);
        by_id_.make_room(hash_of_id, 1);
        by_id_.insert(hash_of_id, record);
        count(*record, 1);
        if (Codec::kind(*record) == RecordKind::no_recipient) continue;
        codec_.address_hashes(*record, hashes);
        for (auto const hash : hashes) by_address_.make_room(hash, hashes.size());
        for (auto const hash : hashes) by_address_.insert(hash, record);
        auto const hash_of_name = codec_.name_hash(*record);
        by_name_.make_room(hash_of_name, 1);
        by_name_.insert(hash_of_name, record);
    }
    return at == octets && counts().entries() == tally.records;
}

}  // namespace splitmx::directory::copy
