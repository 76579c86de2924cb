// A record as it is found under an id, and what is said when it is not what it should be.
// Pure. Threads: any. Internal to the room. Errors: damaged, wrong_version.
#pragma once

#include "spool/errc.hpp"
#include "spool/queue_item.hpp"
#include "spool/spool_id.hpp"

#include <string_view>

namespace splitmx::spool::disk {

Error about(SpoolId id, Error const& error);
Error record_of_another(SpoolId id);
Error not_there(SpoolId id);

Result<QueueItem> decode_record(SpoolId id, std::string_view record);

}  // namespace splitmx::spool::disk
