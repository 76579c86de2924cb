#include "admin/address_list.hpp"

#include <string_view>
#include <utility>

namespace splitmx::admin {

namespace {

constexpr std::string_view blanks = " \t\r";

void trim(std::string& line) {
    line.erase(line.find_last_not_of(blanks) + 1);
    line.erase(0, line.find_first_not_of(blanks));
}

}  // namespace

bool AddressList::read_line(std::string& address) {
    while (std::getline(input_, address)) {
        trim(address);
        if (!address.empty()) return true;
    }
    return false;
}

std::vector<std::string> AddressList::next(std::size_t most) {
    std::vector<std::string> some;
    while (some.size() < most && at_ < words_.size()) {
        if (words_[at_] != "-") {
            some.push_back(words_[at_++]);
            continue;
        }
        if (!some.empty() && input_.rdbuf()->in_avail() <= 0) break;
        std::string address;
        if (read_line(address))
            some.push_back(std::move(address));
        else
            ++at_;
    }
    return some;
}

}  // namespace splitmx::admin
