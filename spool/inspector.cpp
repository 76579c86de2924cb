#include "spool/inspector.hpp"

#include "spool/done_log.hpp"
#include "spool/lmdb_view.hpp"

#include <unordered_set>
#include <utility>

namespace splitmx::spool {

namespace {

constexpr std::size_t chunk = 1000;  // records

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
    Parts(
        Database opened,
        std::unique_ptr<BodyDirectory> directory,
        std::string const& path,
        std::vector<SpoolId> const& noted
    )
        : database(std::move(opened)),
          bodies(std::move(directory)),
          view(database, *bodies, path, chunk),
          done(noted.begin(), noted.end()) {}

    // Is at its end, though the store has not forgotten it yet.
    bool is_done(SpoolId id) const { return done.contains(id); }
    Error gone(SpoolId id) const { return {Errc::not_found, id.to_text() + " is delivered"}; }

    Database database;
    std::unique_ptr<BodyDirectory> bodies;
    LmdbView view;
    std::unordered_set<SpoolId> done;
};

Inspector::Inspector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Inspector::~Inspector() = default;

Result<std::unique_ptr<Inspector>> Inspector::open(std::filesystem::path const& path) {
    auto const name = path.string();
    auto database = Database::open_to_read(name);
    if (!database) return database.error();
    auto const files = std::make_shared<PosixFileSystem>();
    auto const noted = DoneLog::read(*files, name + "/done");
    if (!noted) return noted.error();
    auto bodies = BodyDirectory::existing(files, name + "/body");
    return std::unique_ptr<Inspector>(new Inspector(
        std::make_unique<Parts>(std::move(*database), std::move(bodies), name, *noted)
    ));
}

Result<QueueItem> Inspector::read(SpoolId id) const {
    if (parts_->is_done(id)) return parts_->gone(id);
    return parts_->view.read(id);
}

Result<BodyReader> Inspector::open_body(SpoolId id) const {
    if (parts_->is_done(id)) return parts_->gone(id);
    return parts_->view.open_body(id);
}

Result<void> Inspector::for_each(Visitor const& visitor) const {
    return parts_->view.for_each([&](SpoolId id, Result<QueueItem> item) {
        if (!parts_->is_done(id)) visitor(id, std::move(item));
    });
}

Result<std::vector<Damage>> Inspector::for_each_summary(
    SummaryVisitor const& visitor, Progress const& progress
) const {
    auto const those_left = [&](Summary const& summary) {
        if (!parts_->is_done(summary.id)) visitor(summary);
    };
    return parts_->view.for_each_summary(those_left, progress);
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

Usage Inspector::usage() const { return parts_->view.usage(); }

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

}  // namespace splitmx::spool
