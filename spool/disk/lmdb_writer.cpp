#include "spool/disk/lmdb_writer.hpp"

#include "spool/disk/queue_view.hpp"
#include "spool/disk/stored_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace splitmx::spool::disk {

namespace {

// Beyond the map's size, for Updates and Removes on a full map: they need free pages before they
// give any back, and so does what the journal has.
constexpr std::uint64_t drain_reserve = std::uint64_t{64} << 20;

// Octets of a body. Where most are larger, too much is still on its way when the journal is full,
// and to write that twice costs more than it saves; a few among others may be larger.
constexpr std::size_t large_body = std::size_t{32} << 10;
constexpr std::size_t largest_body = std::size_t{256} << 10;
constexpr std::size_t small_mean = std::size_t{16} << 10;
constexpr std::size_t mean_of = 64;  // messages, about

// What waits for the database in memory: more is moved, so that no move takes long.
constexpr std::size_t most_waiting = 8192;
constexpr std::size_t most_waiting_octets = std::size_t{16} << 20;

bool has_put(std::span<Change const> batch) {
    return std::any_of(batch.begin(), batch.end(), [](Change const& change) {
        return std::holds_alternative<Put>(change);
    });
}

// What a batch may write, about; the rest of the disk's reserve is left to deliveries.
std::uint64_t octets_of(std::span<Change const> batch) {
    std::uint64_t sum = 0;
    for (auto const& change : batch) {
        if (auto const* put = std::get_if<Put>(&change); put && !put->body.is_file()) {
            sum += put->body.size;
        }
    }
    return sum;
}

bool has_one_twice(std::span<Change const> batch) {
    std::vector<SpoolId> ids(batch.size());
    std::transform(batch.begin(), batch.end(), ids.begin(), id_of);
    std::sort(ids.begin(), ids.end());
    return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

// What is new next to each other goes in the order of its ids, in which it is appended; all else
// stays in its place.
std::vector<Change const*> in_order(std::span<Change const> batch) {
    std::vector<Change const*> order(batch.size());
    std::transform(batch.begin(), batch.end(), order.begin(), [](Change const& change) {
        return &change;
    });
    auto const is_put = [](Change const* change) { return std::holds_alternative<Put>(*change); };
    for (auto begin = order.begin(); begin != order.end();) {
        begin = std::find_if(begin, order.end(), is_put);
        auto const end = std::find_if_not(begin, order.end(), is_put);
        std::stable_sort(begin, end, [](auto const* one, auto const* other) {
            return id_of(*one) < id_of(*other);
        });
        begin = end;
    }
    return order;
}

// None: the record is damaged, and stays as it is; that the database sees to.
std::optional<BodyFacts> facts_in(SpoolId id, StoredMessage const& message) {
    if (message.facts) return message.facts;
    auto const stored = decode_record(id, message.record);
    if (!stored) return std::nullopt;
    return facts_of(*stored);
}

// The system refused to write at all, such as on a file system that was made read-only: what the
// disk holds is known, and when it may be written again, all goes on.
bool is_refusal(int code) { return code == EROFS || code == EACCES || code == EPERM; }

}  // namespace

LmdbWriter::LmdbWriter(Places places, Limits limits, NoJournal no_journal)
    : places_(std::move(places)),
      limits_(limits),
      no_journal_(std::move(no_journal)),
      journal_(places_.files, places_.path + "/journal", limits.journal) {}

Result<void> LmdbWriter::open() {
    auto const mark = places_.view.mark();
    if (!mark) return mark.error();
    auto const begun = places_.view.begin();
    if (!begun) return begun.error();
    auto const last = places_.view.last_id(begun->get());
    if (!last) return last.error();
    auto const highest = places_.view.highest_id();
    if (!highest) return highest.error();
    last_id_ = last->value();
    highest_ = std::max(*last, *highest);
    if (*mark) {
        auto const content = journal_.resume(**mark, [this](JournalEntries const& entries) {
            note_ids(entries);
            return lay_over(places_.view, places_.overlay, entries);
        });
        if (!content) return content.error();
        lost_ = content->lost;
    }
    count();
    return {};
}

void LmdbWriter::close() {
    if (!failed_) static_cast<void>(write({}, Move::all_and_close));
}

Result<void> LmdbWriter::apply(std::span<Change const> batch) {
    auto applied = apply_now(batch);
    note_sizes(batch);
    return applied;
}

// Afterwards: what is_quick() has said holds for the batch that was made of it.
void LmdbWriter::note_sizes(std::span<Change const> batch) {
    for (auto const& change : batch) {
        auto const* put = std::get_if<Put>(&change);
        if (put == nullptr || put->body.is_file()) continue;
        mean_size_ += put->body.size / mean_of;
        mean_size_ -= mean_size_ / mean_of;
    }
}

Result<void> LmdbWriter::apply_now(std::span<Change const> batch) {
    bool const puts = has_put(batch);
    if (puts) {
        if (auto checked = check_space(batch); !checked) return checked;
    }
    auto move = Move::if_needed;
    if (auto const entries = for_journal(batch)) {
        if (has_room(*entries) && (entries->empty() || append(*entries))) {
            places_.overlay.take(*entries);
            note_ids(*entries);
            messages_ = in_database_ + static_cast<std::uint64_t>(places_.overlay.balance());
            return {};
        }
        move = Move::all;
    }
    auto written = write(batch, move);
    bool const is_full = !written && written.error().code == Errc::no_space;
    if (puts && (written || is_full)) crowded_ = is_full;
    if (!is_full || puts) return written;
    return write_with_reserve(batch, move);
}

Result<void> LmdbWriter::check_space(std::span<Change const> batch) const {
    auto const& path = places_.path;
    if (failed_) return Error{Errc::io, path + ": a write failed; restart to accept mail again"};
    auto const left = places_.files.free_space(path);
    if (!left) return left.error();
    if (*left >= limits_.disk_reserve + octets_of(batch)) return {};
    return Error{Errc::no_space, fmt::format("{}: {} octets left on the disk", path, *left)};
}

bool LmdbWriter::takes_journal() const { return journal_.is_open() && !crowded_; }

bool LmdbWriter::is_quick(Change const& change) const {
    if (!takes_journal()) return false;
    return std::visit([this](auto const& one) { return is_for_journal(one); }, change);
}

bool LmdbWriter::is_for_journal(Put const& put) const {
    auto const* body = std::get_if<InlineBody>(&put.body.octets);
    auto const largest = mean_size_ > small_mean ? large_body : largest_body;
    return body != nullptr && (*body)->size() <= largest && !is_known(put.item->id);
}

// Of a message that is there still.
bool LmdbWriter::is_for_journal(Update const& update) const {
    auto const found = places_.overlay.find(update.item.id);
    return found && *found;
}

// The database forgets many at a time more cheaply: what it has may wait for others.
bool LmdbWriter::is_for_journal(Remove const& remove) const {
    return places_.overlay.contains(remove.id);
}

// None: the batch has something that does not go there.
std::optional<JournalEntries> LmdbWriter::for_journal(std::span<Change const> batch) const {
    if (!takes_journal() || has_one_twice(batch)) return std::nullopt;
    JournalEntries entries;
    entries.reserve(batch.size());
    for (auto const& change : batch) {
        bool const is_added =
            std::visit([&](auto const& one) { return add_to(entries, one); }, change);
        if (!is_added) return std::nullopt;
    }
    return entries;
}

bool LmdbWriter::add_to(JournalEntries& entries, Put const& put) const {
    if (!is_for_journal(put)) return false;
    auto record = put.record.empty() ? encode(*put.item, facts_of(put.body)) : put.record;
    auto const& body = std::get<InlineBody>(put.body.octets);
    auto message = std::make_shared<StoredMessage>(
        StoredMessage{std::move(record), body, facts_of(put.body)}
    );
    entries.push_back({put.item->id, std::move(message)});
    return true;
}

// The whole message anew: what was moved last is all there is of it.
bool LmdbWriter::add_to(JournalEntries& entries, Update const& update) const {
    auto const id = update.item.id;
    auto const found = places_.overlay.find(id);
    if (!found || !*found) return false;
    auto const facts = facts_in(id, **found);
    if (!facts) return false;
    auto record = encode(update.item, *facts);
    auto message = std::make_shared<StoredMessage>(
        StoredMessage{std::move(record), (*found)->body, facts}
    );
    entries.push_back({id, std::move(message)});
    return true;
}

// What nobody has needs no removal.
bool LmdbWriter::add_to(JournalEntries& entries, Remove const& remove) const {
    auto const found = places_.overlay.find(remove.id);
    bool is_there = found && *found;
    if (!found) {
        auto const place = places_.view.place_of(remove.id);
        if (!place || *place == BodyPlace::file) return false;
        is_there = place->has_value();
    }
    if (is_there) entries.push_back({remove.id, nullptr});
    return true;
}

bool LmdbWriter::is_known(SpoolId id) const {
    if (places_.overlay.contains(id)) return true;
    if (id > highest_) return false;
    auto const place = places_.view.place_of(id);
    return !place || place->has_value();
}

bool LmdbWriter::has_room(JournalEntries const& entries) const {
    auto const& overlay = places_.overlay;
    return overlay.size() < most_waiting && overlay.octets() < most_waiting_octets &&
           journal_.has_room(frame_octets(entries));
}

bool LmdbWriter::append(JournalEntries const& entries) {
    auto const appended = journal_.append(entries);
    tell_unless(appended);
    return appended.has_value();
}

void LmdbWriter::tell_unless(Result<void> const& done) {
    if (done) return;
    is_degraded_ = true;
    if (no_journal_) no_journal_(done.error());
}

// It takes nothing of what is reserved for deliveries.
void LmdbWriter::prepare_journal() {
    if (journal_.is_open() || journal_.is_prepared() || journal_.has_failed()) return;
    auto const left = places_.files.free_space(places_.path);
    if (left && *left >= limits_.disk_reserve + limits_.journal) tell_unless(journal_.prepare());
}

bool LmdbWriter::must_move(std::span<Change const> batch) const {
    if (!journal_.is_ahead()) return journal_.is_prepared();
    if (journal_.has_failed() || crowded_) return true;
    return std::any_of(batch.begin(), batch.end(), [this](Change const& change) {
        return places_.overlay.contains(id_of(change));
    });
}

// What was moved, the changes, and up to where the journal counts no more.
Result<void> LmdbWriter::fill(
    LmdbBatch& writer, std::span<Change const> batch, bool moves, Move move
) {
    if (moves) {
        for (auto const& [id, message] : places_.overlay.all()) {
            auto const moved = message ? writer.move(id, *message) : writer(Remove{id});
            if (!moved) return moved;
        }
    }
    for (auto const* change : in_order(batch)) {
        if (auto written = std::visit(writer, *change); !written) return written;
    }
    if (moves) {
        writer.raise_last_id(last_id());
        auto const marked =
            move == Move::all_and_close ? writer.clear_mark() : writer.set_mark(journal_.mark());
        if (!marked) return marked;
    }
    return writer.write_last_id();
}

Result<void> LmdbWriter::write(std::span<Change const> batch, Move move) {
    if (move != Move::all_and_close) prepare_journal();
    bool const moves = move != Move::if_needed || must_move(batch);
    auto transaction =
        Transaction::begin(places_.database.environment.get(), Transaction::Kind::write);
    if (!transaction) return transaction.error();
    auto const last = places_.view.last_id(transaction->get());
    if (!last) return last.error();
    LmdbBatch writer(transaction->get(), places_.database, *last);
    if (auto filled = fill(writer, batch, moves, move); !filled) return filled;
    {
        auto const lock = moves ? places_.overlay.move() : std::unique_lock<std::shared_mutex>();
        if (auto done = after_commit(transaction->commit(), batch); !done) return done;
        if (moves) {
            places_.overlay.clear();
            journal_.moved();
        }
    }
    for (auto const& change : batch) {
        if (auto const* put = std::get_if<Put>(&change)) {
            last_id_ = std::max(last_id_.load(), put->item->id.value());
            highest_ = std::max(highest_, put->item->id);
        }
    }
    count();
    // What fails here is swept at the next start.
    auto& bodies = places_.bodies;
    for (auto const id : writer.files_to_remove()) static_cast<void>(bodies.remove(id));
    for (auto const id : writer.files_to_set_aside()) static_cast<void>(bodies.set_aside(id));
    for (auto const id : writer.files_to_discard()) static_cast<void>(bodies.remove_set_aside(id));
    return {};
}

Result<void> LmdbWriter::after_commit(int code, std::span<Change const> batch) {
    auto const outcome = code == MDB_SUCCESS ? Result<void>() : error("commit to", code);
    bool const full = !outcome && outcome.error().code == Errc::no_space;
    bool const unchanged = full || is_refusal(code);
    // After another failure nobody knows what the disk holds: the files stay until the next start
    // looks, and no sync is trusted again.
    if (!unchanged) std::for_each(batch.begin(), batch.end(), keep_file);
    failed_ = failed_ || (!outcome && !unchanged);
    return outcome;
}

Result<void> LmdbWriter::write_with_reserve(std::span<Change const> batch, Move move) {
    std::unique_lock const alone(places_.map);
    crowded_ = true;
    auto* const handle = places_.database.environment.get();
    int code = mdb_env_set_mapsize(handle, limits_.map_size + drain_reserve);
    if (code != MDB_SUCCESS) return error("enlarge", code);
    auto written = write(batch, move);
    // LMDB does not go below what is in use.
    code = mdb_env_set_mapsize(handle, limits_.map_size);
    if (code != MDB_SUCCESS && written) return error("shrink", code);
    return written;
}

void LmdbWriter::note_ids(JournalEntries const& entries) {
    for (auto const& entry : entries) {
        if (!entry.message) continue;
        last_id_ = std::max(last_id_.load(), entry.id.value());
        highest_ = std::max(highest_, entry.id);
    }
}

void LmdbWriter::count() {
    auto const now = places_.view.usage();
    in_database_ = now.messages;
    messages_ = in_database_ + static_cast<std::uint64_t>(places_.overlay.balance());
    damaged_ = now.damaged;
    used_ = now.used;
}

Usage LmdbWriter::usage() const {
    Usage usage;
    usage.messages = messages_;
    usage.damaged = damaged_;
    usage.used = used_;
    usage.limit = limits_.map_size;
    usage.is_degraded = is_degraded_;
    return usage;
}

}  // namespace splitmx::spool::disk
