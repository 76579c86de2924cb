// What has become of a file: counts, for the last lines that a command prints.
// Threads: plain values.
#pragma once

#include "migration/person.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::migration {

struct Report {
    std::size_t rows = 0;  // of data; comments and headers do not count
    std::size_t mailboxes = 0;
    std::size_t custom_recipients = 0;
    std::size_t routes = 0;
    std::array<std::size_t, skip_count> skipped{};
    std::array<std::size_t, loss_count> lost{};
    std::map<std::string, std::size_t> values_left_out;  // by type: X400, X500, SIP; at most 100
    std::map<std::string, std::size_t> servers;          // of mailboxes, not written; at most 100
    std::size_t rejected = 0;
    std::vector<std::size_t> rejected_lines;  // the first 100
    std::size_t legacy_lines = 0;             // not UTF-8, and read as Windows-1252

    void count(Skip skip) { ++skipped[static_cast<std::size_t>(skip)]; }
    void count(Loss loss) { ++lost[static_cast<std::size_t>(loss)]; }
    std::size_t of(Skip skip) const { return skipped[static_cast<std::size_t>(skip)]; }
    std::size_t of(Loss loss) const { return lost[static_cast<std::size_t>(loss)]; }
    void leave_out_value(std::string type) { add(values_left_out, std::move(type)); }
    void see_server(std::string name) { add(servers, std::move(name)); }

private:
    // A hostile file has no end of types.
    static void add(std::map<std::string, std::size_t>& counts, std::string key) {
        constexpr std::size_t most = 100;
        if (counts.size() < most || counts.contains(key)) ++counts[std::move(key)];
    }
};

}  // namespace splitmx::migration
