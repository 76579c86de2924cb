#include "admin/offline_queue.hpp"

#include <algorithm>

namespace splitmx::admin {

spool::Result<OfflineQueue> OfflineQueue::open(std::filesystem::path const& spool) {
    auto opened = spool::disk::Inspector::open(spool);
    if (!opened) return opened.error();
    return OfflineQueue(std::move(*opened));
}

spool::Result<std::vector<queue::Row>> OfflineQueue::damaged_rows() const {
    std::vector<queue::Row> rows;
    auto const read = spool_->for_each_damaged([&](spool::DamagedMessage const& message) {
        rows.push_back(queue::make_row(message));
    });
    if (!read) return read.error();
    return rows;
}

spool::Result<std::vector<queue::Row>> OfflineQueue::rows(
    queue::Filter const& filter, mail::Instant now
) const {
    std::vector<queue::Row> rows;
    auto const add = [&](queue::Row row) {
        if (queue::matches(filter, row, now)) rows.push_back(std::move(row));
    };
    auto const read =
        spool_->for_each([&](spool::SpoolId id, spool::Result<spool::QueueItem> item) {
            add(item ? queue::make_row(*item, false) : queue::make_row(id, item.error()));
        });
    if (!read) return read.error();
    auto damaged = damaged_rows();
    if (!damaged) return damaged.error();
    for (auto& row : *damaged) add(std::move(row));
    return rows;
}

spool::Result<queue::Row> OfflineQueue::row(spool::SpoolId id) const {
    auto const item = spool_->read(id);
    if (item) return queue::make_row(*item, false);
    if (item.error().code != spool::Errc::not_found) return queue::make_row(id, item.error());
    auto damaged = damaged_rows();
    if (!damaged) return damaged.error();
    auto const found = std::find_if(damaged->begin(), damaged->end(), [id](auto const& row) {
        return row.id == id;
    });
    if (found == damaged->end()) return item.error();
    return std::move(*found);
}

spool::Result<void> OfflineQueue::write_body(spool::SpoolId id, std::ostream& output) const {
    auto reader = spool_->open_body(id);
    if (!reader && reader.error().code == spool::Errc::not_found) {
        reader = spool_->open_damaged_body(id);
    }
    if (!reader) return reader.error();
    for (;;) {
        auto const chunk = reader->next();
        if (!chunk) return chunk.error();
        if (chunk->empty()) return {};
        output.write(chunk->data(), static_cast<std::streamsize>(chunk->size()));
    }
}

}  // namespace splitmx::admin
