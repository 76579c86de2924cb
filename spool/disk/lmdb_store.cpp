#include "spool/disk/lmdb_store.hpp"

#include "spool/disk/directory_lock.hpp"
#include "spool/disk/lmdb.hpp"
#include "spool/disk/lmdb_view.hpp"
#include "spool/disk/lmdb_writer.hpp"
#include "spool/disk/queue_view.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>

namespace splitmx::spool::disk {

// Readers share `map`; whoever changes the size of the map has it alone.
struct LmdbStore::Environment {
    std::string path;
    std::shared_ptr<FileSystem> files;
    DirectoryLock lock;
    std::unique_ptr<BodyDirectory> bodies;
    Database database;
    std::optional<LmdbView> view;  // of `database` and `bodies`
    Overlay overlay;
    std::optional<QueueView> queue;  // of `view` and `overlay`
    mutable std::shared_mutex map;
    std::optional<LmdbWriter> writer;
    std::size_t swept = 0;

    Result<void> open_database(Options const& options);
    Result<void> open_journal(Options const& options);
    Result<void> sync_names() const;
    Result<std::size_t> sweep() const;
};

Result<void> LmdbStore::Environment::open_database(Options const& options) {
    auto opened = Database::open(path, options.map_size);
    if (!opened) return opened.error();
    database = std::move(*opened);
    view.emplace(database, *bodies, path, 0);
    queue.emplace(*view, overlay);
    return {};
}

Result<void> LmdbStore::Environment::open_journal(Options const& options) {
    auto const journal = std::min(options.journal, options.map_size / 8);
    writer.emplace(
        LmdbWriter::Places{database, *view, overlay, *bodies, *files, map, path},
        LmdbWriter::Limits{
            options.map_size,
            options.disk_reserve,
            journal / BlockBuffer::block * BlockBuffer::block},
        options.no_journal
    );
    auto opened = writer->open();
    if (opened || opened.error().code != Errc::not_found) return opened;
    return Error{
        Errc::damaged,
        path +
            "/journal is not there, and may have mail that is nowhere else; put it back, or an "
            "empty file in its place to go on without it"};
}

// The names of the files just made, and of the directory itself.
Result<void> LmdbStore::Environment::sync_names() const {
    for (auto const& directory : {path, std::filesystem::absolute(path).parent_path().string()}) {
        if (auto synced = files->sync_directory(directory); !synced) return synced;
    }
    return {};
}

Result<std::size_t> LmdbStore::Environment::sweep() const {
    auto const transaction = view->begin();
    if (!transaction) return transaction.error();
    return bodies->sweep([&](SpoolId id) { return view->fate_of(transaction->get(), id); });
}

LmdbStore::LmdbStore(std::unique_ptr<Environment> environment)
    : environment_(std::move(environment)) {}

LmdbStore::~LmdbStore() { environment_->writer->close(); }

Result<std::unique_ptr<LmdbStore>> LmdbStore::open(
    std::filesystem::path const& path, Options options
) {
    auto all = std::make_unique<Environment>();
    all->path = path.string();
    all->files = options.files ? options.files : std::make_shared<PosixFileSystem>();
    if (auto made = all->files->make_directory(all->path); !made) return made.error();
    auto lock = DirectoryLock::take(all->path);
    if (!lock) return lock.error();
    all->lock = std::move(*lock);
    auto bodies = BodyDirectory::open(all->files, all->path + "/body", options.disk_reserve);
    if (!bodies) return bodies.error();
    all->bodies = std::move(*bodies);
    if (auto opened = all->open_database(options); !opened) return opened.error();
    if (auto synced = all->sync_names(); !synced) return synced.error();
    if (auto opened = all->open_journal(options); !opened) return opened.error();
    auto const swept = all->sweep();
    if (!swept) return swept.error();
    all->swept = *swept;
    return std::unique_ptr<LmdbStore>(new LmdbStore(std::move(all)));
}

Result<void> LmdbStore::apply(std::span<Change const> batch) {
    return environment_->writer->apply(batch);
}

bool LmdbStore::is_quick(Change const& change) const {
    return environment_->writer->is_quick(change);
}

Result<QueueItem> LmdbStore::read(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->queue->read(id);
}

Result<BodyReader> LmdbStore::open_body(SpoolId id) const {
    std::shared_lock const lock(environment_->map);
    return environment_->queue->open_body(id);
}

Result<void> LmdbStore::for_each(Visitor const& visitor) const {
    std::shared_lock const lock(environment_->map);
    return environment_->queue->for_each(visitor);
}

Result<std::vector<Damage>> LmdbStore::for_each_summary(
    SummaryVisitor const& visitor, Progress const& progress
) const {
    std::shared_lock const lock(environment_->map);
    return environment_->queue->for_each_summary(visitor, progress);
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

SpoolId LmdbStore::last_id() const { return environment_->writer->last_id(); }

Usage LmdbStore::usage() const { return environment_->writer->usage(); }

BodyDirectory& LmdbStore::bodies() { return *environment_->bodies; }

std::size_t LmdbStore::swept() const { return environment_->swept; }

std::uint64_t LmdbStore::lost_writes() const { return environment_->writer->lost(); }

}  // namespace splitmx::spool::disk
