// The writing half of a spool: small new messages, what becomes of them while they are in the
// journal, and removals go there; everything else is a transaction of the database. A transaction
// first moves what the journal has when that is in its way: it changes one of those messages, the
// journal is full, or has failed, or the map has no room. When the map is full, Puts fail and
// Updates and Removes still work: they may use a reserve beyond the map's size.
// Ownership: all it is made of outlives it. Threads: open(), apply(), is_quick() and close() one at
// a time, all else any. Errors: as store.hpp tells.
#pragma once

#include "spool/disk/journal.hpp"
#include "spool/disk/lmdb_batch.hpp"
#include "spool/disk/lmdb_view.hpp"
#include "spool/disk/overlay.hpp"
#include "spool/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>

namespace splitmx::spool::disk {

class LmdbWriter {
public:
    struct Limits {
        std::uint64_t map_size = 0;
        std::uint64_t disk_reserve = 0;  // octets that Puts leave free
        std::uint64_t journal = 0;       // octets
    };
    struct Places {
        Database const& database;
        LmdbView const& view;
        Overlay& overlay;
        BodyDirectory& bodies;
        FileSystem& files;
        std::shared_mutex& map;  // readers share it; whoever changes the map's size has it alone
        std::string path;
    };
    // Told once, when the journal fails or cannot be made: mail goes on without it, more slowly.
    using NoJournal = std::function<void(Error const&)>;
    LmdbWriter(Places places, Limits limits, NoJournal no_journal = {});

    // What the journal holds, into the overlay.
    Result<void> open();
    Result<void> apply(std::span<Change const> batch);
    bool is_quick(Change const& change) const;
    // Moves all that the journal has. What fails here is moved after the next open().
    void close();

    // Of the last batch: every RCPT asks, and is not to take part in LMDB's book of readers.
    Usage usage() const;
    SpoolId last_id() const { return SpoolId(last_id_); }
    // Writes that the journal has lost, as open() found: damage.
    std::uint64_t lost() const { return lost_; }

private:
    enum class Move { if_needed, all, all_and_close };

    Result<void> apply_now(std::span<Change const> batch);
    void note_sizes(std::span<Change const> batch);
    Result<void> check_space(std::span<Change const> batch) const;
    bool takes_journal() const;
    bool is_for_journal(Put const& put) const;
    bool is_for_journal(Update const& update) const;
    bool is_for_journal(Remove const& remove) const;
    bool is_for_journal(SetAside const&) const { return false; }
    bool is_for_journal(Discard const&) const { return false; }
    std::optional<JournalEntries> for_journal(std::span<Change const> batch) const;
    bool add_to(JournalEntries& entries, Put const& put) const;
    bool add_to(JournalEntries& entries, Update const& update) const;
    bool add_to(JournalEntries& entries, Remove const& remove) const;
    bool add_to(JournalEntries&, SetAside const&) const { return false; }
    bool add_to(JournalEntries&, Discard const&) const { return false; }
    bool is_known(SpoolId id) const;
    bool has_room(JournalEntries const& entries) const;
    bool append(JournalEntries const& entries);
    void prepare_journal();
    void tell_unless(Result<void> const& done);
    bool must_move(std::span<Change const> batch) const;
    Result<void> write(std::span<Change const> batch, Move move);
    Result<void> fill(LmdbBatch& writer, std::span<Change const> batch, bool moves, Move move);
    Result<void> after_commit(int code, std::span<Change const> batch);
    Result<void> write_with_reserve(std::span<Change const> batch, Move move);
    void note_ids(JournalEntries const& entries);
    void count();
    Error error(std::string_view action, int code) const {
        return from_lmdb(action, places_.path, code);
    }

    Places places_;
    Limits limits_;
    NoJournal no_journal_;
    Journal journal_;
    bool failed_ = false;   // a commit, after which nobody knows what the disk holds
    bool crowded_ = false;  // the map: what the journal has may not fit
    SpoolId highest_;       // at least that of all messages
    std::uint64_t lost_ = 0;
    std::uint64_t mean_size_ = 0;    // octets of the last bodies, about
    std::uint64_t in_database_ = 0;  // messages
    std::atomic<std::uint64_t> last_id_{0};
    std::atomic<std::uint64_t> messages_{0};
    std::atomic<std::uint64_t> damaged_{0};
    std::atomic<std::uint64_t> used_{0};
    std::atomic<bool> is_degraded_{false};  // the journal has failed, or cannot be made
};

}  // namespace splitmx::spool::disk
