#include "spool/disk/lmdb_batch.hpp"

#include <variant>

namespace splitmx::spool::disk {

namespace {

Result<void> outcome(int code) {
    if (code == MDB_SUCCESS) return {};
    return from_lmdb("write", "the spool", code);
}

}  // namespace

Result<void> LmdbBatch::operator()(Put const& put) {
    auto const made = put.record.empty() ? encode(*put.item, facts_of(put.body)) : std::string();
    auto const& record = put.record.empty() ? made : put.record;
    int const code = this->put(put.item->id, record, std::get_if<InlineBody>(&put.body.octets));
    if (code != MDB_KEYEXIST) return outcome(code);
    return Error{Errc::exists, "message " + put.item->id.to_text() + " is there already"};
}

Result<void> LmdbBatch::move(SpoolId id, StoredMessage const& message) {
    int const code = put(id, message.record, &message.body);
    return outcome(code == MDB_KEYEXIST ? MDB_SUCCESS : code);
}

int LmdbBatch::put(SpoolId id, std::string_view record, InlineBody const* body) {
    Key const key(id);
    bool const is_newest = id > last_id_;
    int code = put_new(database_.envelope, key, record, is_newest);
    if (code == MDB_SUCCESS && body != nullptr) {
        code = put_new(database_.body, key, **body, is_newest);
    }
    if (code != MDB_SUCCESS) return code;
    std::erase(files_to_remove_, id);
    raise_last_id(id);
    return code;
}

void LmdbBatch::raise_last_id(SpoolId id) {
    if (id <= last_id_) return;
    last_id_ = id;
    last_id_changed_ = true;
}

Result<void> LmdbBatch::set_mark(JournalMark const& mark) const {
    MDB_val at = to_value(meta_journal);
    auto const octets = to_octets(mark);
    MDB_val value = to_value(octets);
    return outcome(mdb_put(transaction_, database_.meta, &at, &value, 0));
}

Result<void> LmdbBatch::clear_mark() const {
    MDB_val at = to_value(meta_journal);
    int const code = mdb_del(transaction_, database_.meta, &at, nullptr);
    return outcome(code == MDB_NOTFOUND ? MDB_SUCCESS : code);
}

Result<void> LmdbBatch::operator()(Update const& update) {
    Key const key(update.item.id);
    auto const updated = update_at(database_.envelope, key, update.item);
    if (updated || updated.error().code != Errc::not_found) return updated;
    // What others did to a message before it was set aside must not be forgotten.
    auto const noted = update_at(database_.damaged->envelope, key, update.item);
    if (noted || noted.error().code == Errc::not_found) return {};
    return noted;
}

Result<void> LmdbBatch::update_at(MDB_dbi database, Key const& key, QueueItem const& item) const {
    MDB_val at = key.value();
    MDB_val found{};
    int const code = mdb_get(transaction_, database, &at, &found);
    if (code != MDB_SUCCESS) return outcome(code);
    auto const stored = decode(view_of(found));
    // A damaged record stays as it is: nobody knows any more which body belongs to it.
    if (!stored) return {};
    auto const record = encode(item, facts_of(*stored));
    MDB_val value = to_value(record);
    return outcome(mdb_put(transaction_, database, &at, &value, 0));
}

Result<void> LmdbBatch::operator()(Remove const& remove) {
    Key const key(remove.id);
    MDB_val at = key.value();
    int code = mdb_del(transaction_, database_.envelope, &at, nullptr);
    if (code == MDB_NOTFOUND) return {};
    if (code != MDB_SUCCESS) return outcome(code);
    code = mdb_del(transaction_, database_.body, &at, nullptr);
    if (code == MDB_NOTFOUND) {
        files_to_remove_.push_back(remove.id);
        return {};
    }
    return outcome(code);
}

Result<void> LmdbBatch::operator()(SetAside const& aside) {
    Key const key(aside.id);
    MDB_val at = key.value();
    MDB_val found{};
    int code = mdb_get(transaction_, database_.envelope, &at, &found);
    if (code == MDB_NOTFOUND) return {};
    auto const& damaged = *database_.damaged;
    if (code == MDB_SUCCESS) {
        code = put_new(damaged.note, key, encode_note(aside.id, aside.since, aside.reason));
    }
    if (code == MDB_SUCCESS) code = move(database_.envelope, damaged.envelope, key);
    if (code == MDB_SUCCESS) code = move(database_.body, damaged.body, key);
    // Whether there is a file the record may not be able to tell.
    files_to_set_aside_.push_back(aside.id);
    return outcome(code);
}

Result<void> LmdbBatch::operator()(Discard const& discard) {
    auto const& damaged = *database_.damaged;
    Key const key(discard.id);
    MDB_val at = key.value();
    int code = mdb_del(transaction_, damaged.note, &at, nullptr);
    if (code == MDB_NOTFOUND) return {};
    for (auto const database : {damaged.envelope, damaged.body}) {
        if (code == MDB_SUCCESS) code = mdb_del(transaction_, database, &at, nullptr);
        if (code == MDB_NOTFOUND) code = MDB_SUCCESS;
    }
    if (code != MDB_SUCCESS) return outcome(code);
    files_to_discard_.push_back(discard.id);
    return {};
}

int LmdbBatch::move(MDB_dbi from, MDB_dbi to, Key const& key) const {
    MDB_val at = key.value();
    MDB_val found{};
    int code = mdb_get(transaction_, from, &at, &found);
    if (code == MDB_NOTFOUND) return MDB_SUCCESS;
    if (code != MDB_SUCCESS) return code;
    // A copy: the page it is on may move under a write.
    std::string const octets(view_of(found));
    code = put_new(to, key, octets);
    return code == MDB_SUCCESS ? mdb_del(transaction_, from, &at, nullptr) : code;
}

Result<void> LmdbBatch::write_last_id() {
    if (!last_id_changed_) return {};
    MDB_val at = to_value(meta_last_id);
    Key const octets(last_id_);
    MDB_val value = octets.value();
    return outcome(mdb_put(transaction_, database_.meta, &at, &value, 0));
}

int LmdbBatch::put_new(
    MDB_dbi database, Key const& key, std::string_view octets, bool is_newest
) const {
    MDB_val at = key.value();
    MDB_val value = to_value(octets);
    // Behind all others: LMDB need not look for its place, and fills the pages before it.
    if (is_newest) {
        int const code = mdb_put(transaction_, database, &at, &value, MDB_APPEND);
        if (code != MDB_KEYEXIST) return code;
    }
    return mdb_put(transaction_, database, &at, &value, MDB_NOOVERWRITE);
}

}  // namespace splitmx::spool::disk
