// The history of messages as people and programs read it.
// Threads: pure functions. Source: interface of `splitmx trace`; Exchange message tracking for CSV.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "history/record.hpp"

namespace splitmx::admin {

// When a message's recipient is tried next, by both: what the queue says now.
using NextTries = std::map<std::pair<std::string, std::string>, mail::Instant>;

struct TraceLayout {
    bool explain = false;   // each decision in full below its line
    std::size_t width = 0;  // columns; 0: a line each, however long
};

// One message: its records, oldest first.
std::string trace_text(
    std::vector<history::Record> const& records,
    NextTries const& next_tries,
    TraceLayout const& layout
);

// One record of many messages, with the id.
std::string live_text(history::Record const& record, TraceLayout const& layout);

// Of the last DEFER of a recipient.
std::optional<mail::Instant> next_try_of(
    std::vector<history::Record> const& records, std::size_t place, NextTries const& next_tries
);

// One JSON object, without a line end.
std::string trace_json(
    history::Record const& record, std::optional<mail::Instant> next_try = std::nullopt
);

// Lines of CSV with CRLF, as readers of Exchange's message tracking logs take them.
std::string msgtrk_heading();
std::string msgtrk_line(history::Record const& record);

}  // namespace splitmx::admin
