#include "migration/columns.hpp"

#include "ldap/letter_case.hpp"
#include "schema/address_value.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::migration {

namespace {

std::string key_of(std::string_view name) {
    std::string key = ldap::lower_case(name);
    std::erase_if(key, [](char c) { return c == ' ' || c == '-' || c == '_'; });
    return key;
}

}  // namespace

std::string upper(std::string_view text) {
    std::string raised(text);
    for (auto& c : raised) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return raised;
}

std::string one_line(std::string_view text) {
    std::string line;
    for (char const c : text) {
        bool const blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
        if (!blank) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    if (line.ends_with(' ')) line.pop_back();
    return line;
}

bool is_true(std::string_view text) {
    auto const word = ldap::lower_case(text);
    return word == "true" || word == "1" || word == "yes";
}

std::string_view Column::of(std::vector<std::string> const& values) const {
    if (!at_ || *at_ >= values.size()) return {};
    return schema::without_blanks(values[*at_]);
}

Columns::Columns(std::vector<std::string> header) : header_(std::move(header)) {
    for (auto const& name : header_) keys_.push_back(key_of(name));
}

Column Columns::find(std::initializer_list<std::string_view> names) const {
    for (auto const name : names) {
        auto const found = std::find(keys_.begin(), keys_.end(), key_of(name));
        if (found != keys_.end()) return Column(static_cast<std::size_t>(found - keys_.begin()));
    }
    return {};
}

}  // namespace splitmx::migration
