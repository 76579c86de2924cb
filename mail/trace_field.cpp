#include "mail/trace_field.hpp"

#include "mail/date_time.hpp"
#include "mail/fold.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

namespace splitmx::mail {

namespace {

constexpr std::size_t trace_width = 78;  // RFC 5322 2.1.1

// Inside a comment: parentheses and backslashes escaped, what is not printable as '?'.
std::string to_comment(std::string_view text) {
    std::string out;
    for (char const c : text.substr(0, max_domain_octets)) {
        if (c == '(' || c == ')' || c == '\\') out += '\\';
        out += c >= ' ' && c <= '~' ? c : '?';
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

std::vector<std::string> from_words(TraceInput const& input) {
    auto const literal = input.client.to_literal();
    auto const helo = Domain::parse(input.helo);
    if (helo && is_ascii(input.helo)) return {"from", helo->text(), "(" + literal + ")"};
    if (input.helo.empty()) return {"from", literal};
    return {"from", literal, "(HELO " + to_comment(input.helo) + ")"};
}

}  // namespace

std::string name_of(TraceProtocol const& protocol) {
    if (!protocol.extended) return "SMTP";
    return std::string(protocol.utf8 ? "UTF8SMTP" : "ESMTP") + (protocol.tls ? "S" : "") +
           (protocol.authenticated ? "A" : "");
}

std::string trace_field(TraceInput const& input, Instant now) {
    auto words = from_words(input);
    std::string out = "Received: " + fold_words(words, 10, "\t", trace_width) + "\r\n\t";
    words = {"by", input.hostname};
    std::istringstream comment(input.comment);
    for (std::string word; comment >> word;) words.push_back(word);
    words.insert(words.end(), {"with", name_of(input.protocol)});
    if (!input.tls.empty()) words.push_back("(" + to_comment(input.tls) + ")");
    words.insert(words.end(), {"id", input.id});
    out += fold_words(words, 1, "\t", trace_width);
    // A UTF-8 address may stand in a trace field only when the next host takes such fields.
    auto const date = to_date_time(now);
    if (input.recipient && input.recipient->is_ascii()) {
        auto const recipient = "<" + input.recipient->to_wire() + ">;";
        words = {"for", recipient, date};
        out += "\r\n\t" + fold_words(words, 1, "\t", trace_width);
    } else {
        out += ";\r\n\t" + date;
    }
    return out + "\r\n";
}

}  // namespace splitmx::mail
