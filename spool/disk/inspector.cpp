#include "spool/disk/inspector.hpp"

#include "spool/disk/journal.hpp"
#include "spool/disk/lmdb_view.hpp"
#include "spool/disk/overlay.hpp"
#include "spool/disk/queue_view.hpp"
#include "spool/done_log.hpp"

#include <utility>

namespace splitmx::spool::disk {

namespace {

constexpr std::size_t chunk = 1000;  // records
constexpr int most_tries = 100;

Result<void> read_all(StoreReader const& spool, SpoolId id) {
    auto reader = spool.open_body(id);
    if (!reader) return reader.error();
    for (;;) {
        auto const piece = reader->next();
        if (!piece) return Error(piece.error().code, id.to_text() + ": " + piece.error().what);
        if (piece->empty()) return {};
    }
}

}  // namespace

struct Inspector::Parts {
    Parts(Database opened, std::unique_ptr<BodyDirectory> directory, std::string const& path)
        : database(std::move(opened)),
          bodies(std::move(directory)),
          view(database, *bodies, path, chunk),
          queue(view, overlay) {}

    Database database;
    std::unique_ptr<BodyDirectory> bodies;
    LmdbView view;
    Overlay overlay;
    QueueView queue;
};

namespace {

// Read again while its owner moves it into the database.
Result<void> read_journal(
    LmdbView const& view, FileSystem& files, std::string const& path, Overlay& overlay
) {
    for (int tries = 0;; ++tries) {
        auto const mark = view.mark();
        if (!mark) return mark.error();
        if (!*mark) return {};
        overlay.clear();
        auto const content = Journal::read(files, path, **mark, [&](auto const& entries) {
            return lay_over(view, overlay, entries);
        });
        auto const still = view.mark();
        if (still && *still != *mark && tries < most_tries) continue;
        if (!content) return content.error();
        return {};
    }
}

// Is at its end, though the store has not forgotten it yet.
Result<void> read_notes(
    LmdbView const& view, FileSystem& files, std::string const& path, Overlay& overlay
) {
    auto const noted = DoneLog::read(files, path);
    if (!noted) return noted.error();
    JournalEntries entries;
    for (auto const id : *noted) entries.push_back({id, nullptr});
    return lay_over(view, overlay, entries);
}

}  // namespace

Inspector::Inspector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Inspector::~Inspector() = default;

Result<std::unique_ptr<Inspector>> Inspector::open(std::filesystem::path const& path) {
    auto const name = path.string();
    auto database = Database::open_to_read(name);
    if (!database) return database.error();
    auto const files = std::make_shared<PosixFileSystem>();
    auto parts = std::make_unique<Parts>(
        std::move(*database), BodyDirectory::existing(files, name + "/body"), name
    );
    auto read = read_journal(parts->view, *files, name + "/journal", parts->overlay);
    if (read) read = read_notes(parts->view, *files, name + "/done", parts->overlay);
    if (!read) return read.error();
    return std::unique_ptr<Inspector>(new Inspector(std::move(parts)));
}

Result<QueueItem> Inspector::read(SpoolId id) const { return parts_->queue.read(id); }

Result<BodyReader> Inspector::open_body(SpoolId id) const { return parts_->queue.open_body(id); }

Result<void> Inspector::for_each(Visitor const& visitor) const {
    return parts_->queue.for_each(visitor);
}

Result<std::vector<Damage>> Inspector::for_each_summary(
    SummaryVisitor const& visitor, Progress const& progress
) const {
    return parts_->queue.for_each_summary(visitor, progress);
}

Result<void> Inspector::for_each_damaged(DamagedVisitor const& visitor) const {
    return parts_->view.for_each_damaged(visitor);
}

Result<std::string> Inspector::damaged_record(SpoolId id) const {
    return parts_->view.damaged_record(id);
}

Result<BodyReader> Inspector::open_damaged_body(SpoolId id) const {
    return parts_->view.open_damaged_body(id);
}

Usage Inspector::usage() const { return parts_->queue.usage(); }

Result<std::vector<Damage>> verify(
    StoreReader const& spool, StoreReader::Progress const& progress
) {
    std::vector<SpoolId> ids;
    auto damaged =
        spool.for_each_summary([&](Summary const& summary) { ids.push_back(summary.id); });
    if (!damaged) return damaged;
    std::uint64_t done = 0;
    for (auto const id : ids) {
        auto const read = read_all(spool, id);
        if (!read && read.error().code != Errc::not_found) {
            damaged->push_back({id, read.error()});
        }
        if (++done % StoreReader::progress_step == 0 && progress) progress(done, ids.size());
    }
    if (progress) progress(done, ids.size());
    return damaged;
}

}  // namespace splitmx::spool::disk
