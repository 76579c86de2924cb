#include "spool/disk/queue_view.hpp"

#include "spool/disk/stored_record.hpp"

#include <utility>

namespace splitmx::spool::disk {

Result<void> lay_over(LmdbView const& database, Overlay& overlay, JournalEntries const& entries) {
    for (auto const& entry : entries) {
        if (!entry.message && !overlay.contains(entry.id)) {
            auto const place = database.place_of(entry.id);
            if (!place) return place.error();
            if (!*place) continue;
        }
        overlay.take(entry);
    }
    return {};
}

Result<QueueItem> QueueView::read(SpoolId id) const {
    auto const found = overlay_.find(id);
    if (!found) return database_.read(id);
    if (!*found) return not_there(id);
    return decode_record(id, (*found)->record);
}

Result<BodyReader> QueueView::open_body(SpoolId id) const {
    auto const found = overlay_.find(id);
    if (!found) return database_.open_body(id);
    if (!*found) return not_there(id);
    auto const item = decode_record(id, (*found)->record);
    if (!item) return item.error();
    auto reader = BodyReader::from_memory((*found)->body, item->checksum);
    if (!reader) return about(id, reader.error());
    return reader;
}

// What the journal has goes where its id belongs among the others; of a message that was moved
// meanwhile the database knows more.
Result<void> QueueView::walk(LmdbView::RecordVisitor const& visitor) const {
    auto moves = overlay_.hold();
    auto const over = overlay_.all();
    auto const snapshot = database_.snapshot();
    moves.unlock();
    if (!snapshot) return snapshot.error();
    auto next = over.begin();
    auto const visit_until = [&](SpoolId id) {
        for (; next != over.end() && next->first < id; ++next) {
            if (next->second) visitor(next->first, next->second->record);
        }
    };
    auto const walked = database_.for_each_record(
        [&](SpoolId id, std::string_view record) {
            visit_until(id);
            bool const is_here = next != over.end() && next->first == id;
            bool const is_removed = is_here && !next->second;
            if (is_here) ++next;
            if (!is_removed) visitor(id, record);
        },
        *snapshot
    );
    if (!walked) return walked;
    for (; next != over.end(); ++next) {
        if (next->second) visitor(next->first, next->second->record);
    }
    return {};
}

Result<void> QueueView::for_each(StoreReader::Visitor const& visitor) const {
    return walk([&](SpoolId id, std::string_view record) { visitor(id, decode_record(id, record)); }
    );
}

Result<std::vector<Damage>> QueueView::for_each_summary(
    StoreReader::SummaryVisitor const& visitor, StoreReader::Progress const& progress
) const {
    std::vector<Damage> unreadable;
    SummaryReader reader;
    auto const all = usage().messages;
    std::uint64_t done = 0;
    auto const walked = walk([&](SpoolId id, std::string_view record) {
        auto const summary = reader.read(record);
        if (!summary)
            unreadable.push_back({id, about(id, summary.error())});
        else if ((*summary)->id != id)
            unreadable.push_back({id, record_of_another(id)});
        else
            visitor(**summary);
        if (++done % StoreReader::progress_step == 0 && progress) progress(done, all);
    });
    if (!walked) return walked.error();
    if (progress) progress(done, all);
    return unreadable;
}

Usage QueueView::usage() const {
    auto usage = database_.usage();
    usage.messages += static_cast<std::uint64_t>(overlay_.balance());
    return usage;
}

}  // namespace splitmx::spool::disk
