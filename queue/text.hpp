// Rows for people: the table of `splitmx queue list`, and one message in full for `queue show`.
// Fits the width of a terminal where the words allow; whatever came from outside is printed with
// control characters escaped. Times are UTC. Threads: pure functions.
#pragma once

#include "mail/clock.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "queue/row.hpp"

namespace splitmx::queue {

std::string age_text(mail::Instant::duration age);  // "0:14", "23:59", "1d02h"
std::string size_text(std::uint64_t octets);        // "812", "12K", "3.4M"

// Why a next hop takes no mail now, by its name: "paused for 12 min: upgrade until noon".
using HostNotes = std::map<std::string, std::string>;

// Heading, a line for each recipient that is still to be reached, and the sums.
// `width`: columns of the terminal; 0: no terminal, nothing is cut short.
std::string list_text(
    std::span<Row const> rows, mail::Instant now, std::size_t width, HostNotes const& hosts = {}
);

// "2 messages, 3 recipients, 16K"
std::string sums_text(std::span<Row const> rows);

std::string show_text(Row const& row, mail::Instant now, HostNotes const& hosts = {});

}  // namespace splitmx::queue
