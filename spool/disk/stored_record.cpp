#include "spool/disk/stored_record.hpp"

namespace splitmx::spool::disk {

Error about(SpoolId id, Error const& error) {
    return {error.code, id.to_text() + ": " + error.what};
}

Error record_of_another(SpoolId id) {
    return {Errc::damaged, id.to_text() + ": record of another message"};
}

Error not_there(SpoolId id) { return {Errc::not_found, "no message " + id.to_text()}; }

Result<QueueItem> decode_record(SpoolId id, std::string_view record) {
    auto item = decode(record);
    if (!item) return about(id, item.error());
    if (item->id != id) return record_of_another(id);
    return item;
}

}  // namespace splitmx::spool::disk
