#include "spool/store.hpp"

#include <utility>

namespace splitmx::spool {

namespace {

struct IdOf {
    SpoolId operator()(Put const& put) const { return put.item->id; }
    SpoolId operator()(Update const& update) const { return update.item.id; }
    template <class Other>
    SpoolId operator()(Other const& other) const {
        return other.id;
    }
};

}  // namespace

SpoolId id_of(Change const& change) { return std::visit(IdOf(), change); }

BodyFacts facts_of(Body const& body) {
    return {body.size, body.checksum, body.is_file() ? BodyPlace::file : BodyPlace::record};
}

QueueItem with_body(QueueItem item, Body const& body) {
    auto const facts = facts_of(body);
    item.size = facts.size;
    item.checksum = facts.checksum;
    item.body_place = facts.place;
    return item;
}

QueueItem with_body_of(QueueItem item, QueueItem const& stored) {
    item.size = stored.size;
    item.checksum = stored.checksum;
    item.body_place = stored.body_place;
    return item;
}

void keep_file(Change const& change) {
    auto const* put = std::get_if<Put>(&change);
    if (put == nullptr || !put->body.is_file()) return;
    std::get<FileBody>(put->body.octets)->keep();
}

Result<BodyReader> open_body_file(BodyDirectory& bodies, QueueItem const& item) {
    auto file = bodies.open_file(item.id);
    if (file) return BodyReader::from_file(std::move(*file), item.size, item.checksum);
    auto error = file.error();
    // There is a record, so there should be a file.
    if (error.code == Errc::not_found) error.code = Errc::damaged;
    return error;
}

}  // namespace splitmx::spool
