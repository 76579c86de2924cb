#include "mail/pass_marks.hpp"

#include "mail/mailbox.hpp"

#include <algorithm>

namespace splitmx::mail {

namespace {

constexpr std::string_view opening = "(pass ";
constexpr std::size_t mark_length = 8;  // 40 bits
constexpr std::string_view mark_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool is_mark(std::string_view word) {
    return word.size() == mark_length &&
           word.find_first_not_of(mark_digits) == std::string_view::npos;
}

}  // namespace

std::string pass_mark(SipKey const& key, std::string_view rcpt, std::string_view host) {
    auto const mailbox = Mailbox::parse_long(rcpt);
    auto text = mailbox ? mailbox->key() : std::string(rcpt);
    text += '\n';
    text += host;
    auto hash = sip_hash(key, text);
    std::string mark;
    for (std::size_t i = 0; i < mark_length; ++i, hash >>= 5) mark += mark_digits[hash & 31];
    return mark;
}

std::string marks_comment(std::span<std::string const> marks) {
    std::set<std::string> const each(marks.begin(), marks.end());
    std::string comment;
    std::size_t count = 0;
    for (auto const& mark : each) {
        if (count++ == most_marks) break;
        comment += comment.empty() ? std::string(opening) + mark : " " + mark;
    }
    if (!comment.empty()) comment += ')';
    return comment;
}

std::set<std::string> marks_in(std::string_view trace_field) {
    std::set<std::string> marks;
    constexpr std::string_view blanks = " \t\r\n";
    for (auto at = trace_field.find(opening); at != std::string_view::npos;
         at = trace_field.find(opening, at + 1)) {
        auto inside = trace_field.substr(at + opening.size());
        inside = inside.substr(0, inside.find(')'));
        while (!inside.empty()) {
            auto const start = std::min(inside.find_first_not_of(blanks), inside.size());
            inside.remove_prefix(start);
            auto const end = std::min(inside.find_first_of(blanks), inside.size());
            if (is_mark(inside.substr(0, end))) marks.emplace(inside.substr(0, end));
            inside.remove_prefix(end);
        }
    }
    return marks;
}

}  // namespace splitmx::mail
