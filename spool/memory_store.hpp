// A store that forgets everything when the process ends: for tests and dry runs.
// Keeps the contract of store.hpp but for durability.
#pragma once

#include "spool/store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace splitmx::spool {

class MemoryStore final : public Store {
public:
    // `bodies` outlives the store. `limit`: octets of records and bodies, 0: none; more is
    // no_space.
    explicit MemoryStore(BodyDirectory& bodies, std::uint64_t limit = 0);

    Result<void> apply(std::span<Change const> batch) override;
    bool is_quick(Change const&) const override { return true; }
    Result<QueueItem> read(SpoolId id) const override;
    Result<BodyReader> open_body(SpoolId id) const override;
    Result<void> for_each(Visitor const& visitor) const override;
    Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const override;
    Result<void> for_each_damaged(DamagedVisitor const& visitor) const override;
    Result<std::string> damaged_record(SpoolId id) const override;
    Result<BodyReader> open_damaged_body(SpoolId id) const override;
    SpoolId last_id() const override;
    Usage usage() const override;

private:
    struct Message {
        QueueItem item;
        InlineBody body;  // null: in a file
    };
    struct Aside {
        SetAside why;
        Message message;
    };
    using Messages = std::map<SpoolId, std::shared_ptr<Message const>>;
    using Damaged = std::map<SpoolId, std::shared_ptr<Aside const>>;

    // The state after a batch, taken over when all of it could be applied.
    struct Draft {
        Messages messages;
        Damaged damaged;
        std::uint64_t used;
        SpoolId last_id;
        std::vector<SpoolId> files_removed;
        std::vector<SpoolId> files_set_aside;
        std::vector<SpoolId> files_discarded;
        bool has_put;
    };

    static Result<void> apply_one(Draft& draft, Put const& put);
    static Result<void> apply_one(Draft& draft, Update const& update);
    static Result<void> apply_one(Draft& draft, Remove const& remove);
    static Result<void> apply_one(Draft& draft, SetAside const& aside);
    static Result<void> apply_one(Draft& draft, Discard const& discard);
    static std::uint64_t octets_of(Message const& message);

    BodyDirectory& bodies_;
    std::uint64_t limit_;
    mutable std::mutex mutex_;
    Messages messages_;
    Damaged damaged_;
    std::uint64_t used_ = 0;
    SpoolId last_id_;
};

}  // namespace splitmx::spool
