#include "migration/proxy_addresses.hpp"

#include "migration/columns.hpp"
#include "schema/address_value.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::migration {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters and digits before a colon: "SMTP:", "X400:", "CCMAIL:". Empty: none.
std::string_view type_at(std::string_view text) {
    constexpr std::size_t longest = 20;
    std::size_t end = 0;
    while (end < text.size() && end <= longest && is_word(text[end])) ++end;
    if (end == 0 || end == text.size() || text[end] != ':') return {};
    return text.substr(0, end);
}

bool is_any_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

std::string_view without_separators(std::string_view text, std::string_view separators) {
    while (!text.empty() && is_any_of(text.front(), separators)) text.remove_prefix(1);
    while (!text.empty() && is_any_of(text.back(), separators)) text.remove_suffix(1);
    return text;
}

// At separators that a type follows. Nothing has a type: at all of them.
std::vector<std::string_view> divide(std::string_view list, std::string_view separators) {
    list = without_separators(list, separators);
    bool const typed = !type_at(list).empty();
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < list.size(); ++at) {
        if (!is_any_of(list[at], separators)) continue;
        auto next = at + 1;
        while (next < list.size() && is_any_of(list[next], separators)) ++next;
        if (typed && type_at(list.substr(next)).empty()) continue;
        parts.push_back(list.substr(begin, at - begin));
        begin = next;
        at = next - 1;
    }
    if (begin < list.size()) parts.push_back(list.substr(begin));
    return parts;
}

}  // namespace

ProxyAddresses read_proxy_addresses(std::string_view list, std::string_view separators) {
    ProxyAddresses read;
    for (auto const part : divide(schema::without_blanks(list), separators)) {
        auto const type = type_at(part);
        auto const known = upper(type);
        auto const text =
            schema::without_blanks(type.empty() ? part : part.substr(type.size() + 1));
        if (known == "X500" || known == "EX") {
            read.x500.emplace_back(text);
            continue;
        }
        if (!type.empty() && known != "SMTP") {
            read.other_types.push_back(known);
            continue;
        }
        auto mailbox = mail::Mailbox::parse(text);
        if (!mailbox) {
            read.malformed.emplace_back(text);
            continue;
        }
        auto const there = std::find(read.mailboxes.begin(), read.mailboxes.end(), *mailbox);
        bool const primary = type == "SMTP" && !read.has_primary;
        if (there != read.mailboxes.end()) {
            if (!primary) continue;
            read.mailboxes.erase(there);
        }
        read.mailboxes.insert(
            primary ? read.mailboxes.begin() : read.mailboxes.end(), std::move(*mailbox)
        );
        read.has_primary = read.has_primary || primary;
    }
    return read;
}

bool is_name_of_a_list(std::string_view value) {
    return value.starts_with("Microsoft.Exchange.") || value.starts_with("System.Collections.") ||
           value.starts_with("System.Object[") || value.starts_with("System.String[") ||
           value.starts_with("Deserialized.");
}

}  // namespace splitmx::migration
