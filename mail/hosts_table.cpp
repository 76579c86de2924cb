#include "mail/hosts_table.hpp"

#include "mail/letter_case.hpp"

#include <algorithm>

namespace splitmx::mail {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view next_word(std::string_view& line) {
    auto const begin = std::min(line.find_first_not_of(blanks), line.size());
    auto const end = std::min(line.find_first_of(blanks, begin), line.size());
    auto const word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

std::string key_of(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return to_lower(name);
}

void add_line(std::string_view line, HostsTable& table) {
    line = line.substr(0, line.find('#'));
    auto const address = IpAddress::parse(next_word(line));
    if (!address) return;
    for (auto name = next_word(line); !name.empty(); name = next_word(line)) {
        auto& addresses = table[key_of(name)];
        if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
            addresses.push_back(*address);
        }
    }
}

}  // namespace

HostsTable parse_hosts(std::string_view text) {
    HostsTable table;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        add_line(text.substr(0, end), table);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return table;
}

}  // namespace splitmx::mail
