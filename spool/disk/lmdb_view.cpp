#include "spool/disk/lmdb_view.hpp"

#include "spool/disk/stored_record.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace splitmx::spool::disk {

namespace {

// Of records copied at a time, however few they are.
constexpr std::size_t chunk_octets = 1024 * 1024;

DamagedMessage noted(SpoolId id, std::string_view note) {
    if (auto message = decode_note(note); message && message->id == id) return std::move(*message);
    DamagedMessage message;
    message.id = id;
    message.reason = "what was noted about it is damaged too";
    return message;
}

}  // namespace

struct LmdbView::Copy {
    std::string key;
    std::string record;
};

Result<void> LmdbView::walk(
    MDB_dbi database, RecordVisitor const& visitor, std::optional<Transaction> const& snapshot
) const {
    if (!snapshot) return walk_in_chunks(database, visitor);
    MDB_cursor* opened = nullptr;
    int code = mdb_cursor_open(snapshot->get(), database, &opened);
    if (code != MDB_SUCCESS) return error("read", code);
    Cursor const cursor(opened);
    MDB_val key{};
    MDB_val record{};
    while ((code = mdb_cursor_get(opened, &key, &record, MDB_NEXT)) == MDB_SUCCESS) {
        visitor(Key::id_of(key), view_of(record));
    }
    if (code != MDB_NOTFOUND) return error("read", code);
    return {};
}

Result<std::optional<Transaction>> LmdbView::snapshot() const {
    if (chunk_ != 0) return std::optional<Transaction>();
    auto begun = begin();
    if (!begun) return begun.error();
    return std::optional(std::move(*begun));
}

Result<void> LmdbView::walk_in_chunks(MDB_dbi database, RecordVisitor const& visitor) const {
    std::string last;
    while (true) {
        auto const copies = copy_chunk(database, last);
        if (!copies) return copies.error();
        if (copies->empty()) return {};
        for (auto const& copy : *copies) visitor(Key::id_of(to_value(copy.key)), copy.record);
        last = copies->back().key;
    }
}

Result<std::vector<LmdbView::Copy>> LmdbView::copy_chunk(MDB_dbi database, std::string const& after)
    const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    MDB_cursor* opened = nullptr;
    int code = mdb_cursor_open(transaction->get(), database, &opened);
    if (code != MDB_SUCCESS) return error("read", code);
    Cursor const cursor(opened);
    MDB_val key = to_value(after);
    MDB_val record{};
    code = mdb_cursor_get(opened, &key, &record, after.empty() ? MDB_FIRST : MDB_SET_RANGE);
    if (code == MDB_SUCCESS && view_of(key) == after) {
        code = mdb_cursor_get(opened, &key, &record, MDB_NEXT);
    }
    std::vector<Copy> copies;
    std::size_t octets = 0;
    while (code == MDB_SUCCESS && copies.size() < chunk_ && octets < chunk_octets) {
        copies.push_back({std::string(view_of(key)), std::string(view_of(record))});
        octets += record.mv_size;
        code = mdb_cursor_get(opened, &key, &record, MDB_NEXT);
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return error("read", code);
    return copies;
}

Result<std::string> LmdbView::get(MDB_dbi database, SpoolId id) const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    Key const key(id);
    MDB_val at = key.value();
    MDB_val found{};
    int const code = mdb_get(transaction->get(), database, &at, &found);
    if (code == MDB_NOTFOUND) return not_there(id);
    if (code != MDB_SUCCESS) return error("read", code);
    return std::string(view_of(found));
}

Result<QueueItem> LmdbView::read(MDB_txn* transaction, SpoolId id) const {
    Key const key(id);
    MDB_val at = key.value();
    MDB_val found{};
    int const code = mdb_get(transaction, database_.envelope, &at, &found);
    if (code == MDB_NOTFOUND) return not_there(id);
    if (code != MDB_SUCCESS) return error("read", code);
    return decode_record(id, view_of(found));
}

Result<QueueItem> LmdbView::read(SpoolId id) const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    return read(transaction->get(), id);
}

Result<BodyReader> LmdbView::open_body(SpoolId id) const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    auto const item = read(transaction->get(), id);
    if (!item) return item.error();
    if (item->body_place == BodyPlace::file) return open_file(*item);
    Key const key(id);
    MDB_val at = key.value();
    MDB_val found{};
    int const code = mdb_get(transaction->get(), database_.body, &at, &found);
    if (code == MDB_NOTFOUND) return Error{Errc::damaged, id.to_text() + ": body is missing"};
    if (code != MDB_SUCCESS) return error("read", code);
    // A copy: the transaction must not outlive this call.
    auto octets = std::make_shared<std::string const>(view_of(found));
    auto reader = BodyReader::from_memory(std::move(octets), item->checksum);
    if (!reader) return about(id, reader.error());
    return reader;
}

Result<BodyReader> LmdbView::open_file(QueueItem const& item) const {
    auto reader = open_body_file(bodies_, item);
    if (reader) return reader;
    // Whoever delivers it may have removed it in this moment: then it is gone, not damaged.
    auto const still = read(item.id);
    if (!still && still.error().code == Errc::not_found) return still.error();
    return about(item.id, reader.error());
}

Result<void> LmdbView::for_each_record(
    RecordVisitor const& visitor, std::optional<Transaction> const& snapshot
) const {
    return walk(database_.envelope, visitor, snapshot);
}

Result<void> LmdbView::for_each_damaged(Store::DamagedVisitor const& visitor) const {
    if (!database_.damaged) return {};
    auto const one = snapshot();
    if (!one) return one.error();
    auto const visit = [&](SpoolId id, std::string_view note) {
        visitor(damaged_message(id, note));
    };
    return walk(database_.damaged->note, visit, *one);
}

DamagedMessage LmdbView::damaged_message(SpoolId id, std::string_view note) const {
    auto message = noted(id, note);
    if (auto const record = damaged_record(id)) {
        message.record_octets = record->size();
        if (auto item = decode_record(id, *record)) message.item = std::move(*item);
    }
    if (auto const body = open_damaged_body(id)) message.body_octets = body->size();
    return message;
}

Result<std::string> LmdbView::damaged_record(SpoolId id) const {
    if (!database_.damaged) return not_there(id);
    return get(database_.damaged->envelope, id);
}

Result<BodyReader> LmdbView::open_damaged_body(SpoolId id) const {
    if (!database_.damaged) return not_there(id);
    auto const note = get(database_.damaged->note, id);
    if (!note) return note.error();
    auto body = get(database_.damaged->body, id);
    if (body) {
        return BodyReader::unchecked(std::make_shared<std::string const>(std::move(*body)));
    }
    if (body.error().code != Errc::not_found) return body.error();
    auto file = bodies_.open_set_aside(id);
    if (file) return BodyReader::unchecked(std::move(*file));
    if (file.error().code != Errc::not_found) return file.error();
    return Error{Errc::not_found, id.to_text() + ": the body is missing"};
}

Result<SpoolId> LmdbView::last_id(MDB_txn* transaction) const {
    MDB_val key = to_value(meta_last_id);
    MDB_val found{};
    int const code = mdb_get(transaction, database_.meta, &key, &found);
    if (code == MDB_NOTFOUND) return SpoolId();
    if (code != MDB_SUCCESS) return error("read", code);
    return Key::id_of(found);
}

Result<SpoolId> LmdbView::highest_id() const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    MDB_cursor* opened = nullptr;
    int code = mdb_cursor_open(transaction->get(), database_.envelope, &opened);
    if (code != MDB_SUCCESS) return error("read", code);
    Cursor const cursor(opened);
    MDB_val key{};
    MDB_val record{};
    code = mdb_cursor_get(opened, &key, &record, MDB_LAST);
    if (code == MDB_NOTFOUND) return SpoolId();
    if (code != MDB_SUCCESS) return error("read", code);
    return Key::id_of(key);
}

Result<std::optional<JournalMark>> LmdbView::mark() const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    MDB_val key = to_value(meta_journal);
    MDB_val found{};
    int const code = mdb_get(transaction->get(), database_.meta, &key, &found);
    if (code == MDB_NOTFOUND) return std::optional<JournalMark>();
    if (code != MDB_SUCCESS) return error("read", code);
    auto const mark = to_mark(view_of(found));
    if (!mark) return Error{Errc::damaged, path_ + ": what is noted of the journal is damaged"};
    return mark;
}

Result<std::optional<BodyPlace>> LmdbView::place_of(SpoolId id) const {
    auto const transaction = begin();
    if (!transaction) return transaction.error();
    Key const key(id);
    MDB_val at = key.value();
    MDB_val found{};
    int code = mdb_get(transaction->get(), database_.envelope, &at, &found);
    if (code == MDB_NOTFOUND) return std::optional<BodyPlace>();
    if (code == MDB_SUCCESS) code = mdb_get(transaction->get(), database_.body, &at, &found);
    if (code == MDB_NOTFOUND) return std::optional(BodyPlace::file);
    if (code != MDB_SUCCESS) return error("read", code);
    return std::optional(BodyPlace::record);
}

BodyDirectory::Fate LmdbView::fate_of(MDB_txn* transaction, SpoolId id) const {
    using Fate = BodyDirectory::Fate;
    Key const key(id);
    MDB_val at = key.value();
    MDB_val found{};
    // When in doubt it is known.
    int code = mdb_get(transaction, database_.envelope, &at, &found);
    if (code != MDB_NOTFOUND) return Fate::keep;
    if (!database_.damaged) return Fate::remove;
    code = mdb_get(transaction, database_.damaged->note, &at, &found);
    if (code == MDB_NOTFOUND) return Fate::remove;
    return code == MDB_SUCCESS ? Fate::set_aside : Fate::keep;
}

Usage LmdbView::usage() const {
    Usage usage;
    auto const transaction = begin();
    if (!transaction) return usage;
    MDB_stat about{};
    auto const& damaged = database_.damaged;
    if (damaged && mdb_stat(transaction->get(), damaged->note, &about) == MDB_SUCCESS) {
        usage.damaged = about.ms_entries;
    }
    if (mdb_stat(transaction->get(), database_.envelope, &about) != MDB_SUCCESS) return usage;
    usage.messages = about.ms_entries;
    MDB_envinfo info{};
    if (mdb_env_info(database_.environment.get(), &info) == MDB_SUCCESS) {
        usage.used = std::uint64_t{info.me_last_pgno + 1} * about.ms_psize;
    }
    return usage;
}

}  // namespace splitmx::spool::disk
