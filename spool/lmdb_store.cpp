#include "spool/lmdb_store.hpp"

#include "spool/directory_lock.hpp"
#include "spool/lmdb.hpp"
#include "spool/lmdb_batch.hpp"
#include "spool/lmdb_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::spool {

namespace {

// Beyond the map's size, for Updates and Removes on a full map: they need free pages before they
// give any back.
constexpr std::uint64_t drain_reserve = std::uint64_t{64} << 20;

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

// What is new next to each other goes in the order of its ids, in which it is appended; all else
// stays in its place.
std::vector<Change const*> in_order(std::span<Change const> batch) {
    std::vector<Change const*> order(batch.size());
    std::transform(batch.begin(), batch.end(), order.begin(), [](Change const& change) {
        return &change;
    });
    auto const is_put = [](Change const* change) { return std::holds_alternative<Put>(*change); };
    auto const id_of = [](Change const* change) { return std::get<Put>(*change).item->id; };
    for (auto begin = order.begin(); begin != order.end();) {
        begin = std::find_if(begin, order.end(), is_put);
        auto const end = std::find_if_not(begin, order.end(), is_put);
        std::stable_sort(begin, end, [&](auto const* one, auto const* other) {
            return id_of(one) < id_of(other);
        });
        begin = end;
    }
    return order;
}

// The system refused to write at all, such as on a file system that was made read-only: what the
// disk holds is known, and when it may be written again, all goes on.
bool is_refusal(int code) { return code == EROFS || code == EACCES || code == EPERM; }

}  // namespace

// Readers share `map`; whoever changes the size of the map has it alone.
struct LmdbStore::Environment {
    std::string path;
    std::uint64_t map_size = 0;
    std::uint64_t disk_reserve = 0;
    std::shared_ptr<FileSystem> files;
    DirectoryLock lock;
    std::unique_ptr<BodyDirectory> bodies;
    Database database;
    std::optional<LmdbView> view;  // of `database` and `bodies`
    mutable std::shared_mutex map;
    bool failed = false;  // the writing thread's
    std::size_t swept = 0;
    // Of the last commit: every RCPT asks, and is not to take part in LMDB's book of readers.
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::uint64_t> damaged{0};
    std::atomic<std::uint64_t> used{0};

    Result<void> check_space(std::span<Change const> batch) const;
    Result<void> write(std::span<Change const> batch);
    Result<void> write_with_reserve(std::span<Change const> batch);
    Result<std::size_t> sweep() const;
    void count();
    Error error(std::string_view action, int code) const { return from_lmdb(action, path, code); }
};

Result<void> LmdbStore::Environment::check_space(std::span<Change const> batch) const {
    if (failed) return Error{Errc::io, path + ": a write failed; restart to accept mail again"};
    auto const left = files->free_space(path);
    if (!left) return left.error();
    if (*left >= disk_reserve + octets_of(batch)) return {};
    return Error{Errc::no_space, fmt::format("{}: {} octets left on the disk", path, *left)};
}

Result<void> LmdbStore::Environment::write(std::span<Change const> batch) {
    auto transaction = Transaction::begin(database.environment.get(), Transaction::Kind::write);
    if (!transaction) return transaction.error();
    auto const last = view->last_id(transaction->get());
    if (!last) return last.error();
    LmdbBatch writer(transaction->get(), database, *last);
    for (auto const* change : in_order(batch)) {
        if (auto written = std::visit(writer, *change); !written) return written;
    }
    if (auto written = writer.write_last_id(); !written) return written;
    int const code = transaction->commit();
    auto const outcome = code == MDB_SUCCESS ? Result<void>() : error("commit to", code);
    bool const full = !outcome && outcome.error().code == Errc::no_space;
    bool const unchanged = full || is_refusal(code);
    // After another failure nobody knows what the disk holds: the files stay until the next start
    // looks, and no sync is trusted again.
    if (!unchanged) std::for_each(batch.begin(), batch.end(), keep_file);
    if (!outcome) {
        failed = failed || !unchanged;
        return outcome;
    }
    count();
    // What fails here is swept at the next start.
    for (auto const id : writer.files_to_remove()) static_cast<void>(bodies->remove(id));
    for (auto const id : writer.files_to_set_aside()) static_cast<void>(bodies->set_aside(id));
    for (auto const id : writer.files_to_discard()) {
        static_cast<void>(bodies->remove_set_aside(id));
    }
    return {};
}

Result<void> LmdbStore::Environment::write_with_reserve(std::span<Change const> batch) {
    std::unique_lock const alone(map);
    auto* const handle = database.environment.get();
    int code = mdb_env_set_mapsize(handle, map_size + drain_reserve);
    if (code != MDB_SUCCESS) return error("enlarge", code);
    auto written = write(batch);
    // LMDB does not go below what is in use.
    code = mdb_env_set_mapsize(handle, map_size);
    if (code != MDB_SUCCESS && written) return error("shrink", code);
    return written;
}

void LmdbStore::Environment::count() {
    auto const now = view->usage();
    messages = now.messages;
    damaged = now.damaged;
    used = now.used;
}

Result<std::size_t> LmdbStore::Environment::sweep() const {
    auto const transaction = view->begin();
    if (!transaction) return transaction.error();
    return bodies->sweep([&](SpoolId id) { return view->fate_of(transaction->get(), id); });
}

LmdbStore::LmdbStore(std::unique_ptr<Environment> environment)
    : environment_(std::move(environment)) {}

LmdbStore::~LmdbStore() = default;

Result<std::unique_ptr<LmdbStore>> LmdbStore::open(
    std::filesystem::path const& path, Options options
) {
    auto all = std::make_unique<Environment>();
    all->path = path.string();
    all->map_size = options.map_size;
    all->disk_reserve = options.disk_reserve;
    all->files = options.files ? std::move(options.files) : std::make_shared<PosixFileSystem>();
    if (auto made = all->files->make_directory(all->path); !made) return made.error();
    auto lock = DirectoryLock::take(all->path);
    if (!lock) return lock.error();
    all->lock = std::move(*lock);
    auto bodies = BodyDirectory::open(all->files, all->path + "/body", all->disk_reserve);
    if (!bodies) return bodies.error();
    all->bodies = std::move(*bodies);
    auto database = Database::open(all->path, all->map_size);
    if (!database) return database.error();
    all->database = std::move(*database);
    all->view.emplace(all->database, *all->bodies, all->path, 0);
    // The names of the files just made, and of the directory itself.
    for (auto const& directory : {path, std::filesystem::absolute(path).parent_path()}) {
        auto const synced = all->files->sync_directory(directory.string());
        if (!synced) return synced.error();
    }
    auto const swept = all->sweep();
    if (!swept) return swept.error();
    all->swept = *swept;
    all->count();
    return std::unique_ptr<LmdbStore>(new LmdbStore(std::move(all)));
}

Result<void> LmdbStore::apply(std::span<Change const> batch) {
    if (has_put(batch)) {
        if (auto checked = environment_->check_space(batch); !checked) return checked;
        return environment_->write(batch);
    }
    auto written = environment_->write(batch);
    if (written || written.error().code != Errc::no_space) return written;
    return environment_->write_with_reserve(batch);
}

Result<QueueItem> LmdbStore::read(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->read(id);
}

Result<BodyReader> LmdbStore::open_body(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->open_body(id);
}

Result<void> LmdbStore::for_each(Visitor const& visitor) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->for_each(visitor);
}

Result<std::vector<Damage>> LmdbStore::for_each_summary(
    SummaryVisitor const& visitor, Progress const& progress
) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->for_each_summary(visitor, progress);
}

Result<void> LmdbStore::for_each_damaged(DamagedVisitor const& visitor) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->for_each_damaged(visitor);
}

Result<std::string> LmdbStore::damaged_record(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->damaged_record(id);
}

Result<BodyReader> LmdbStore::open_damaged_body(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->view->open_damaged_body(id);
}

SpoolId LmdbStore::last_id() const {
    std::shared_lock const lock(environment_->map);
    auto const transaction = environment_->view->begin();
    if (!transaction) return {};
    auto const last = environment_->view->last_id(transaction->get());
    return last ? *last : SpoolId();
}

Usage LmdbStore::usage() const {
    Usage usage;
    usage.messages = environment_->messages;
    usage.damaged = environment_->damaged;
    usage.used = environment_->used;
    usage.limit = environment_->map_size;
    return usage;
}

BodyDirectory& LmdbStore::bodies() { return *environment_->bodies; }

std::size_t LmdbStore::swept() const { return environment_->swept; }

}  // namespace splitmx::spool
