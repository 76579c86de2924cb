// What `splitmx import` says of a file, for people and for programs. Threads: pure functions.
#pragma once

#include "migration/import.hpp"

#include <cstddef>
#include <string>

namespace splitmx::admin {

// "39 950 mailboxes, 1 841 custom recipients, 109 lists skipped; 4 rows rejected (see lines 17,
// 812, 9 004, 9 005)", and a line for each thing that is not carried over.
std::string to_text(migration::Report const& report);

// "line 17" as one JSON object, and the whole report as another; no line end.
std::string rejection_json(std::size_t line, std::string const& reason);
std::string to_json(migration::Report const& report);

// What lacks, what there is instead, and what would help: lines without a final line end.
std::string to_text(migration::MissingColumns const& missing);

}  // namespace splitmx::admin
