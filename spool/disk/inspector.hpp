// A look at a spool from outside: while its owner runs, and when nobody does. It takes no lock of
// the spool and writes nothing into it; a big queue is copied in small pieces, so that the owner
// does not grow for as long as somebody reads. What the owner changes meanwhile may or may not be
// seen; a message that it removed in between is `not_found`, or, out of the journal, as it was.
// Threads: any. Errors: not_found (no spool there), wrong_version, io. Never in the process that
// has the spool open: LMDB allows one environment a process.
#pragma once

#include "spool/store.hpp"

#include <filesystem>
#include <memory>

namespace splitmx::spool::disk {

class Inspector final : public StoreReader {
public:
    static Result<std::unique_ptr<Inspector>> open(std::filesystem::path const& path);
    ~Inspector() override;

    Result<QueueItem> read(SpoolId id) const override;
    Result<BodyReader> open_body(SpoolId id) const override;
    Result<void> for_each(Visitor const& visitor) const override;
    Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const override;
    Result<void> for_each_damaged(DamagedVisitor const& visitor) const override;
    Result<std::string> damaged_record(SpoolId id) const override;
    Result<BodyReader> open_damaged_body(SpoolId id) const override;
    Usage usage() const override;

private:
    struct Parts;
    explicit Inspector(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

// Reads every message to its last octet. Gives those that cannot be read; one that is removed
// meanwhile is none of them.
Result<std::vector<Damage>> verify(
    StoreReader const& spool, StoreReader::Progress const& progress = {}
);

}  // namespace splitmx::spool::disk
