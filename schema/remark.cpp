#include "schema/remark.hpp"

#include "mail/mailbox.hpp"
#include "mail/octets.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <array>

namespace splitmx::schema {

namespace {

constexpr std::size_t max_remark_text = 100;  // octets of a value

bool is_valid_utf8(std::string_view text) {
    auto const* at = reinterpret_cast<utf8proc_uint8_t const*>(text.data());
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    while (left > 0) {
        utf8proc_int32_t code_point = 0;
        auto const used = utf8proc_iterate(at, left, &code_point);
        if (used <= 0) return false;
        at += used;
        left -= used;
    }
    return true;
}

}  // namespace

std::string to_remark_text(std::string_view value) {
    auto head = value.substr(0, max_remark_text);
    while (head.size() < value.size() && !head.empty() && mail::is_continuation(value[head.size()])
    ) {
        head.remove_suffix(1);  // not in the middle of a character
    }
    auto text = mail::to_log_text(head);
    if (!is_valid_utf8(head)) {
        std::string escaped;
        for (char const c : text) {
            auto const octet = static_cast<unsigned char>(c);
            if (octet < 0x80)
                escaped += c;
            else
                escaped += fmt::format("\\x{:02X}", octet);
        }
        text = std::move(escaped);
    }
    if (head.size() == value.size()) return text;
    return fmt::format("{}... ({} octets)", text, value.size());
}

std::string_view to_id(RemarkId id) {
    static constexpr std::array<std::string_view, 15> ids = {
        "malformed-address",
        "double-dot",
        "trailing-dot",
        "blank",
        "control-character",
        "mailto-prefix",
        "missing-type",
        "foreign-type",
        "non-ascii",
        "several-primaries",
        "several-values",
        "malformed-target",
        "malformed-name",
        "malformed-switch",
        "partial-values"};
    return ids.at(static_cast<std::size_t>(id));
}

}  // namespace splitmx::schema
