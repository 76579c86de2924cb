// The queue of a spool as it is: the database, and over it what the journal says (overlay.hpp).
// Ownership: both outlive it. Threads: any number at once. Errors: as store.hpp.
#pragma once

#include "spool/disk/lmdb_view.hpp"
#include "spool/disk/overlay.hpp"

#include <vector>

namespace splitmx::spool::disk {

// What the journal has, into the overlay. A removal of what is nowhere is none: its message was in
// a write that is lost.
Result<void> lay_over(LmdbView const& database, Overlay& overlay, JournalEntries const& entries);

class QueueView {
public:
    QueueView(LmdbView const& database, Overlay const& overlay)
        : database_(database), overlay_(overlay) {}

    Result<QueueItem> read(SpoolId id) const;
    Result<BodyReader> open_body(SpoolId id) const;
    Result<void> for_each(StoreReader::Visitor const& visitor) const;
    Result<std::vector<Damage>> for_each_summary(
        StoreReader::SummaryVisitor const& visitor, StoreReader::Progress const& progress
    ) const;
    Usage usage() const;

private:
    Result<void> walk(LmdbView::RecordVisitor const& visitor) const;

    LmdbView const& database_;
    Overlay const& overlay_;
};

}  // namespace splitmx::spool::disk
