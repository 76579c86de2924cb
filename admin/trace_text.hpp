// The history of messages as people and programs read it.
// Threads: pure functions. Source: interface of `splitmx trace`; Exchange message tracking for CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/record.hpp"

namespace splitmx::admin {

// One message: its records, oldest first, a line each. With `explain`, each decision in full below.
std::string trace_text(std::vector<history::Record> const& records, bool explain);

// One record of many messages in one line, with the id; the same below.
std::string live_text(history::Record const& record, bool explain);

// One JSON object, without a line end.
std::string trace_json(history::Record const& record);

// Lines of CSV with CRLF, as readers of Exchange's message tracking logs take them.
std::string msgtrk_heading();
std::string msgtrk_line(history::Record const& record);

}  // namespace splitmx::admin
