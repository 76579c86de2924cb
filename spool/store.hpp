// The contract of every place that keeps the queue: memory, LMDB, and more to come. One conformance
// suite in tests/unit/spool runs against each.
// apply() is atomic: all changes of a batch or none, and nothing is durable before it returns
// success. So a report and the removal of what it is about ride in one batch. Of two changes of one
// message the later one counts. A change of a message that is not there changes nothing: whoever
// removed it has decided. A Put of an id that is there fails the batch (exists).
// Ownership: a batch's body files are kept when their records may be on the disk, and removed
// with their message. Threads: apply() one at a time (SpoolThread does that), all else any thread.
// Reads never see half a batch.
#pragma once

#include "spool/body.hpp"
#include "spool/damaged.hpp"
#include "spool/errc.hpp"
#include "spool/queue_item.hpp"
#include "spool/summary.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace splitmx::spool {

BodyFacts facts_of(Body const& body);

// The store sets size, body_place and checksum of the item from the body.
struct Put {
    std::shared_ptr<QueueItem const> item;  // stays as it is until it is written
    Body body;
    std::string record;  // encode(*item) with that body, where it is made already

    Put(std::shared_ptr<QueueItem const> what, Body octets)
        : item(std::move(what)), body(std::move(octets)) {}
    Put(QueueItem what, Body octets)
        : Put(std::make_shared<QueueItem const>(std::move(what)), std::move(octets)) {}

    void make_record() { record = encode(*item, facts_of(body)); }
};

// The envelope of a message that is there; its body stays as it is. Of one that was set aside it
// still changes the record, when that can be read.
struct Update {
    QueueItem item;
};

struct Remove {
    SpoolId id;
};

// A damaged message leaves the queue and is kept, octet for octet, for the operator.
struct SetAside {
    SpoolId id;
    mail::Instant since{};
    std::string reason;  // one line
};

// The end of a message that was set aside.
struct Discard {
    SpoolId id;
};

using Change = std::variant<Put, Update, Remove, SetAside, Discard>;
using Changes = std::vector<Change>;

SpoolId id_of(Change const& change);

struct Usage {
    std::uint64_t messages = 0;
    std::uint64_t damaged = 0;  // messages that were set aside
    std::uint64_t used = 0;     // octets, without body files
    std::uint64_t limit = 0;    // octets that may be used; 0: no limit, or not known
    bool is_degraded = false;   // writes more slowly than it should, until it is opened again
};

// A message that cannot be read, and why.
struct Damage {
    SpoolId id;
    Error error;  // damaged; wrong_version: whole, but written by a newer program
};

// For implementations. What a store keeps of a Put, and of an Update of what it has.
QueueItem with_body(QueueItem item, Body const& body);
QueueItem with_body_of(QueueItem item, QueueItem const& stored);
// Keeps the file of a Put, if it has one.
void keep_file(Change const& change);
Result<BodyReader> open_body_file(BodyDirectory& bodies, QueueItem const& item);

// What can be asked of a spool, by its owner or by somebody who only looks (inspector.hpp).
class StoreReader {
public:
    // A record that cannot be read comes as an error and stays in the store, for the operator.
    using Visitor = std::function<void(SpoolId id, Result<QueueItem> item)>;
    // The summary is valid during the call only.
    using SummaryVisitor = std::function<void(Summary const& summary)>;
    using DamagedVisitor = std::function<void(DamagedMessage const& message)>;
    // After every `progress_step` messages, and at the end.
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;
    static constexpr std::uint64_t progress_step = 10'000;

    virtual ~StoreReader() = default;

    // Errors: not_found, damaged, wrong_version, io.
    virtual Result<QueueItem> read(SpoolId id) const = 0;
    virtual Result<BodyReader> open_body(SpoolId id) const = 0;

    // All messages by id, from one snapshot. No callback of these may call the store.
    virtual Result<void> for_each(Visitor const& visitor) const = 0;
    // The start of a queue: what it keeps in memory of every message, and those that cannot be
    // read.
    virtual Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const = 0;

    // The messages that were set aside, and their octets as they were found. Errors: not_found, io.
    virtual Result<void> for_each_damaged(DamagedVisitor const& visitor) const = 0;
    virtual Result<std::string> damaged_record(SpoolId id) const = 0;
    virtual Result<BodyReader> open_damaged_body(SpoolId id) const = 0;  // checks nothing

    virtual Usage usage() const = 0;
};

class Store : public StoreReader {
public:
    // Errors: no_space, exists, and io where the system may not write: nothing changed, later
    // batches may succeed. Any other io: it is not known what the disk holds, and the store refuses
    // every further Put until it is opened again.
    virtual Result<void> apply(std::span<Change const> batch) = 0;

    // A batch of nothing else costs much less than one with another change among them. Asked by who
    // calls apply(), between two calls; it may change with each.
    virtual bool is_quick(Change const& change) const = 0;

    // The highest id that was ever put: the seed of SpoolIdSource.
    virtual SpoolId last_id() const = 0;
};

}  // namespace splitmx::spool
