#include "mail/dsn_request.hpp"

#include "mail/letter_case.hpp"
#include "mail/octets.hpp"
#include "mail/xtext.hpp"

#include <algorithm>

namespace splitmx::mail {

namespace {

// An atom of RFC 5322.
bool is_address_type(std::string_view text) {
    constexpr std::string_view specials = "()<>[]:;@\\,.\"";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return c > ' ' && c <= '~' && specials.find(c) == std::string_view::npos;
    });
}

}  // namespace

std::optional<ReturnContent> parse_return(std::string_view value) {
    if (equal_no_case(value, "FULL")) return ReturnContent::full;
    if (equal_no_case(value, "HDRS")) return ReturnContent::headers;
    return std::nullopt;
}

std::string_view to_wire(ReturnContent content) {
    if (content == ReturnContent::full) return "FULL";
    return content == ReturnContent::headers ? "HDRS" : "";
}

Notify Notify::never() {
    Notify notify;
    notify.said_ = true;
    notify.failure_ = notify.delay_ = false;
    return notify;
}

std::optional<Notify> Notify::parse(std::string_view value) {
    auto notify = never();
    if (equal_no_case(value, "NEVER")) return notify;
    for (;;) {
        auto const comma = value.find(',');
        auto const word = value.substr(0, comma);
        if (equal_no_case(word, "SUCCESS"))
            notify.success_ = true;
        else if (equal_no_case(word, "FAILURE"))
            notify.failure_ = true;
        else if (equal_no_case(word, "DELAY"))
            notify.delay_ = true;
        else
            return std::nullopt;  // NEVER beside others, too
        if (comma == std::string_view::npos) return notify;
        value.remove_prefix(comma + 1);
    }
}

Notify Notify::without_success() const {
    auto rest = *this;
    rest.success_ = false;
    return rest;
}

std::string Notify::to_wire() const {
    if (!said_) return {};
    std::string out;
    auto const add = [&out](bool wanted, std::string_view word) {
        if (!wanted) return;
        if (!out.empty()) out += ',';
        out += word;
    };
    add(success_, "SUCCESS");
    add(failure_, "FAILURE");
    add(delay_, "DELAY");
    return out.empty() ? "NEVER" : out;
}

bool is_envelope_id(std::string_view value) {
    if (value.empty() || value.size() > max_envelope_id) return false;
    auto const text = from_xtext(value);
    return text && is_printable_ascii(*text);
}

std::optional<OriginalRecipient> parse_original_recipient(std::string_view value) {
    auto const semicolon = value.find(';');
    if (semicolon == std::string_view::npos || value.size() > max_original_recipient) {
        return std::nullopt;
    }
    auto const type = value.substr(0, semicolon);
    auto const text = value.substr(semicolon + 1);
    if (!is_address_type(type) || text.empty()) return std::nullopt;
    auto address = equal_no_case(type, "UTF-8") ? from_utf8_addr(text) : from_xtext(text);
    if (!address || (!equal_no_case(type, "UTF-8") && !is_printable_ascii(*address)))
        return std::nullopt;
    return OriginalRecipient{std::string(type), std::move(*address)};
}

std::string original_recipient_of(std::string_view typed) {
    auto value =
        has_high_octets(typed) ? "utf-8;" + to_utf8_addr_xtext(typed) : "rfc822;" + to_xtext(typed);
    // A host that refuses the parameter would refuse the recipient with it.
    if (!parse_original_recipient(value)) value.clear();
    return value;
}

}  // namespace splitmx::mail
