#include "admin/address_list.hpp"

#include <algorithm>
#include <array>
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

// What Windows writes as "Unicode" has a zero octet in each character of an address.
void AddressList::look_at_beginning(std::string& line) {
    constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
    if (std::exchange(has_begun_, true)) return;
    if (line.starts_with(utf8_mark)) line.erase(0, utf8_mark.size());
    bool const is_utf16 = line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF") ||
                          line.substr(0, 2).find('\0') != line.npos;
    if (is_utf16) why_not_ = "the list is in UTF-16: save it as UTF-8, or pass it through iconv";
}

bool AddressList::read_line(std::string& address) {
    while (why_not_.empty() && std::getline(input_, address)) {
        look_at_beginning(address);
        if (!why_not_.empty()) break;
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

std::size_t AddressList::count() {
    auto const is_read = [](std::string const& word) { return word == "-"; };
    auto const reads = std::count_if(words_.begin(), words_.end(), is_read);
    auto sum = words_.size() - static_cast<std::size_t>(reads);
    if (reads == 0) return sum;
    auto const here = input_.tellg();
    if (here < 0) {
        input_.clear();
        return 0;
    }
    std::array<char, 64 * 1024> piece;
    bool has_text = false;
    auto const add = [&](char c) {
        if (c == '\n' && std::exchange(has_text, false)) ++sum;
        has_text = has_text || (c != '\n' && blanks.find(c) == blanks.npos);
    };
    while (input_.read(piece.data(), piece.size()) || input_.gcount() > 0) {
        std::for_each_n(piece.begin(), input_.gcount(), add);
    }
    if (has_text) ++sum;
    input_.clear();
    input_.seekg(here);
    return sum;
}

}  // namespace splitmx::admin
