#include "mail/header_scan.hpp"

#include "mail/letter_case.hpp"
#include "mail/octets.hpp"

#include <algorithm>

namespace splitmx::mail {

namespace {

// A line has at most so many (RFC 5322 2.1.1): what goes on without a colon is no field.
constexpr std::size_t max_name_octets = 998;
constexpr std::size_t max_message_id_octets = 998;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// ftext of RFC 5322 3.6.8.
bool is_name_character(char c) { return c > ' ' && c <= '~' && c != ':'; }

}  // namespace

void HeaderScan::feed(std::string_view octets) {
    while (!octets.empty() && wants_more()) {
        if (scanned_ == max_scanned_octets) {
            at_ = At::limit;
            return;
        }
        auto const taken = take(octets.substr(0, max_scanned_octets - scanned_));
        scanned_ += taken;
        octets.remove_prefix(taken);
    }
}

// From the front; tells how many.
std::size_t HeaderScan::take(std::string_view octets) {
    if (at_ == At::value) return take_value(octets);
    if (at_ == At::name) return take_name(octets);
    take_line_start(octets.front());
    return 1;
}

// Up to the end of the line, all at once: that is most of a header section.
std::size_t HeaderScan::take_value(std::string_view octets) {
    auto const line_feed = octets.find('\n');
    auto const line = octets.substr(0, line_feed == octets.npos ? line_feed : line_feed + 1);
    keep(line);
    has_high_octets_ = has_high_octets_ || mail::has_high_octets(line);
    if (in_trace_) trace_ += line.substr(0, max_trace_octets - trace_.size());
    if (in_message_id_) {
        auto const text = octets.substr(0, line_feed);
        message_id_ += text.substr(0, max_message_id_octets - message_id_.size());
    }
    if (line_feed != octets.npos) end_line();
    return line.size();
}

void HeaderScan::take_line_start(char c) {
    if (c == '\r' && !after_cr_) {
        after_cr_ = true;
        return;
    }
    if (!after_cr_ && is_blank(c) && seen_field_) {
        at_ = At::value;
        keep({&c, 1});
        if (in_trace_ && trace_.size() < max_trace_octets) trace_ += c;
        return;
    }
    if (after_cr_ || !is_name_character(c)) {
        at_ = At::end;
        return;
    }
    at_ = At::name;
    in_message_id_ = false;
    in_trace_ = false;
    name_.clear();
    name_ended_ = false;
    take_name({&c, 1});
}

std::size_t HeaderScan::take_name(std::string_view octets) {
    auto const end = std::find_if_not(octets.begin(), octets.end(), is_name_character);
    auto const name = octets.substr(0, static_cast<std::size_t>(end - octets.begin()));
    if (name.empty() || name_ended_) {
        take_behind_name(octets.front());
        return 1;
    }
    if (name.size() > max_name_octets - name_.size()) {
        at_ = At::end;
        return name.size();
    }
    keep(name);
    for (char const c : name) name_ += to_lower(c);
    return name.size();
}

void HeaderScan::take_behind_name(char c) {
    keep({&c, 1});
    if (c == ':') {
        at_ = At::value;
        seen_field_ = true;
        was_resent_ = was_resent_ || name_.starts_with("resent-");
        if (name_ == "received") ++received_count_;
        in_trace_ = name_ == "received" && !was_resent_;
        in_message_id_ = name_ == "message-id" && !has_message_id_;
        has_message_id_ = has_message_id_ || in_message_id_;
    } else if (is_blank(c)) {
        name_ended_ = true;  // the obsolete form "Received :" (RFC 5322 4.5)
    } else {
        at_ = At::end;
    }
}

void HeaderScan::end_line() {
    at_ = At::line_start;
    if (!cut_) kept_lines_ = kept_.size();
}

void HeaderScan::keep(std::string_view octets) {
    if (cut_) return;
    if (octets.size() > keep_ - kept_.size()) {
        cut_ = true;
        kept_.resize(kept_lines_);
        return;
    }
    kept_ += octets;
}

std::optional<std::string> HeaderScan::message_id() const {
    auto const open = message_id_.find('<');
    auto const close = message_id_.find('>', open);
    if (open == std::string::npos || close == std::string::npos) return std::nullopt;
    auto id = message_id_.substr(open, close - open + 1);
    bool const is_safe = id.size() > 2 && std::all_of(id.begin() + 1, id.end(), [](char c) {
                             return c > ' ' && c <= '~' && c != '<';
                         });
    if (!is_safe) return std::nullopt;
    return id;
}

}  // namespace splitmx::mail
