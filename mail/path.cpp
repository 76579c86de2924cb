#include "mail/path.hpp"

#include <fmt/format.h>

namespace splitmx::mail {

namespace {

std::string_view strip_brackets(std::string_view text) {
    if (text.size() >= 2 && text.front() == '<' && text.back() == '>') {
        text = text.substr(1, text.size() - 2);
    }
    return text;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Blanks around a domain are a slip of whoever wrote a file. In a path they are a fault, and behind
// us nobody would take the address as it was typed, nor as ORCPT (RFC 5321 4.1.2, RFC 3461 4.2).
bool has_blanks_around(std::string_view domain) {
    return !domain.empty() && (is_blank(domain.front()) || is_blank(domain.back()));
}

// A-d-l of RFC 5321 4.1.2: "@one,@two".
bool is_route(std::string_view text) {
    for (;;) {
        auto const comma = text.find(',');
        auto const hop = text.substr(0, comma);
        if (!hop.starts_with('@') || has_blanks_around(hop.substr(1))) return false;
        if (!Domain::parse(hop.substr(1))) return false;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
    }
}

// "@one,@two:user@d" without its route. A route is recognised by its leading `@`.
Result<std::string_view> strip_route(std::string_view text) {
    if (text.empty() || text.front() != '@') return text;
    // An address literal in a route may hold colons, as in "@[IPv6:::1]:user@d".
    bool in_literal = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[') in_literal = true;
        if (text[i] == ']') in_literal = false;
        if (text[i] != ':' || in_literal) continue;
        if (!is_route(text.substr(0, i))) return Error{"malformed source route", 0};
        return text.substr(i + 1);
    }
    return Error{"source route without a mailbox", text.size()};
}

Result<std::string_view> bare_mailbox(std::string_view text) {
    text = strip_brackets(text);
    auto const limit = is_encapsulated(text) ? max_encapsulated_octets : max_path_octets;
    if (text.size() > limit) return Error{fmt::format("path longer than {} octets", limit), limit};
    return strip_route(text);
}

Result<Mailbox> without_blanks(std::string_view text, Result<Mailbox> mailbox) {
    // No domain has an "@" in it.
    auto const domain = text.substr(text.rfind('@') + 1);
    if (mailbox && has_blanks_around(domain)) return Error{"blank beside the domain", text.size()};
    return mailbox;
}

}  // namespace

Result<ReversePath> ReversePath::parse(std::string_view text) {
    // "<@relay:>" is not nobody: behind a route comes a mailbox.
    if (strip_brackets(text).empty()) return ReversePath();
    auto const inner = bare_mailbox(text);
    if (!inner) return inner.error();
    auto mailbox = without_blanks(*inner, Mailbox::parse_long(*inner));
    if (!mailbox) return mailbox.error();
    return ReversePath(std::move(*mailbox));
}

std::string ReversePath::to_wire() const { return mailbox_ ? mailbox_->to_wire() : std::string(); }

std::string ReversePath::to_log() const {
    return "<" + (mailbox_ ? mailbox_->to_log() : std::string()) + ">";
}

ForwardPath::ForwardPath(Mailbox mailbox) : mailbox_(std::move(mailbox)) {
    typed_ = mailbox_->to_wire();
}

Result<ForwardPath> ForwardPath::parse(std::string_view text) {
    auto const inner = bare_mailbox(text);
    if (!inner) return inner.error();
    ForwardPath path;
    path.typed_ = *inner;
    if (auto const local_part = LocalPart::parse(*inner);
        local_part && local_part->is_postmaster()) {
        return path;
    }
    auto mailbox = without_blanks(*inner, Mailbox::parse(*inner));
    if (!mailbox) return mailbox.error();
    path.mailbox_ = std::move(*mailbox);
    return path;
}

std::string ForwardPath::to_wire() const { return mailbox_ ? mailbox_->to_wire() : "Postmaster"; }

std::string ForwardPath::to_log() const {
    return "<" + (mailbox_ ? mailbox_->to_log() : std::string("Postmaster")) + ">";
}

}  // namespace splitmx::mail
