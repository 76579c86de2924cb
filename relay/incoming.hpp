// The message that is coming in from a client: what was decided about its recipients, and its content as
// far as it has come. There is none between messages, so that an idle client weighs little.
// Threads: its session's. Ownership: by its session. Errors: `error` is the first of the spool.
#pragma once

#include "mail/header_scan.hpp"
#include "resolver/resolve.hpp"
#include "spool/body.hpp"
#include "spool/queue_item.hpp"
#include "spool/spool_id.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace splitmx::relay {

struct Incoming {
    std::unordered_map<std::string, resolver::Decision> decisions;  // by the typed address
    bool is_counted = false;  // among the messages of this minute
    std::optional<spool::SpoolId> id;  // from the first accepted recipient on
    // From the first octets of the content on:
    spool::QueueItem item;  // all but its time and what its content tells
    std::optional<spool::BodySink> sink;
    std::optional<spool::Error> error;
    mail::HeaderScan scan;
    bool is_eight_bit = false;  // octets above 127 were seen
};

}  // namespace splitmx::relay
