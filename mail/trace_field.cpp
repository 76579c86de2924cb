#include "mail/trace_field.hpp"

#include "mail/date_time.hpp"
#include "mail/fold.hpp"
#include "mail/octets.hpp"

#include <string_view>

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

constexpr std::string_view indent = "\t";

void add_client(Folding& line, TraceInput const& input) {
    line.add("from");
    auto const literal = input.client.to_literal();
    auto const helo = Domain::parse(input.helo);
    if (helo && !has_high_octets(input.helo)) {
        line.add(helo->text());
        return line.add("(" + literal + ")");
    }
    line.add(literal);
    if (!input.helo.empty()) line.add("(HELO " + to_comment(input.helo) + ")");
}

}  // namespace

std::string name_of(TraceProtocol const& protocol) {
    if (!protocol.extended) return "SMTP";
    return std::string(protocol.utf8 ? "UTF8SMTP" : "ESMTP") + (protocol.tls ? "S" : "") +
           (protocol.authenticated ? "A" : "");
}

std::string trace_field(TraceInput const& input, Instant now) {
    std::string out = "Received: ";
    out.reserve(320);
    Folding from(out, out.size(), indent, trace_width);
    add_client(from, input);
    out += "\r\n\t";
    Folding by(out, 1, indent, trace_width);
    by.add("by");
    by.add(input.hostname);
    by.add_all(input.comment);
    by.add("with");
    by.add(name_of(input.protocol));
    if (!input.tls.empty()) by.add("(" + to_comment(input.tls) + ")");
    by.add("id");
    by.add(input.id);
    // A UTF-8 address may stand in a trace field only when the next host takes such fields.
    auto const date = to_date_time(now);
    if (input.recipient && input.recipient->is_ascii()) {
        out += "\r\n\t";
        Folding recipient(out, 1, indent, trace_width);
        recipient.add("for");
        recipient.add("<" + input.recipient->to_wire() + ">;");
        recipient.add(date);
    } else {
        out += ";\r\n\t";
        out += date;
    }
    return out += "\r\n";
}

}  // namespace splitmx::mail
