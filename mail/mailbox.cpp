#include "mail/mailbox.hpp"

#include "mail/letter_case.hpp"
#include "mail/octets.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace splitmx::mail {

namespace {

// atext of RFC 5321 4.1.2, with UTF-8 by RFC 6531 3.3.
constexpr std::array<bool, 256> atext = [] {
    std::array<bool, 256> is_in{};
    for (std::size_t c = 0x80; c < is_in.size(); ++c) is_in[c] = true;
    constexpr std::string_view ascii =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~";
    for (char const c : ascii) is_in[static_cast<unsigned char>(c)] = true;
    return is_in;
}();

bool is_atext(char c) { return atext[static_cast<unsigned char>(c)]; }

bool is_printable_utf8(char c) { return is_high(c) || (c >= ' ' && c <= '~'); }

bool is_valid_utf8(std::string_view text) {
    if (!has_high_octets(text)) return true;
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

bool is_dot_string(std::string_view text) {
    bool after_dot = true;
    for (char const c : text) {
        if (c == '.' && after_dot) return false;
        if (c != '.' && !is_atext(c)) return false;
        after_dot = c == '.';
    }
    return !text.empty() && !after_dot;
}

// The octets inside a Quoted-string, or the position of what is wrong.
Result<std::string> unquote(std::string_view text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        char c = text[i];
        if (c == '"') {
            if (i + 1 == text.size()) return value;
            return Error{"text after the closing quote", i + 1};
        }
        if (c == '\\') {
            if (++i == text.size()) break;
            c = text[i];
        }
        if (!is_printable_utf8(c)) return Error{"control character in a quoted local part", i};
        value += c;
    }
    return Error{"unclosed quote in the local part", text.size()};
}

// The position of the `@` that divides, or npos.
std::size_t find_divider(std::string_view text) {
    bool quoted = false;
    auto found = std::string_view::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted)
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '@' && !quoted)
            found = i;
    }
    return found;
}

std::string fold_unicode(std::string_view value) {
    utf8proc_uint8_t* folded = nullptr;
    auto const options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    auto const length = utf8proc_map(
        reinterpret_cast<utf8proc_uint8_t const*>(value.data()),
        static_cast<utf8proc_ssize_t>(value.size()),
        &folded,
        options
    );
    std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> const owner(folded, std::free);
    if (length < 0) return std::string(value);
    return {reinterpret_cast<char const*>(folded), static_cast<std::size_t>(length)};
}

// The octets of the character at the front, or 0 when it must not reach a log as it is: what is no
// UTF-8, controls, and the line and paragraph separators that some readers of logs end a line at.
std::size_t printable_prefix(std::string_view text) {
    utf8proc_int32_t code_point = 0;
    auto const used = utf8proc_iterate(
        reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &code_point
    );
    if (used <= 0) return 0;
    switch (utf8proc_category(code_point)) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:  // among them those that turn the direction of writing
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return 0;
        default:
            return static_cast<std::size_t>(used);
    }
}

}  // namespace

bool is_encapsulated(std::string_view address) {
    constexpr auto size = encapsulation_prefix.size();
    if (address.size() <= size || (address.front() != 'I' && address.front() != 'i')) return false;
    if (fold_case(address.substr(0, size)) != "imcea") return false;
    auto const divider = address.find_first_of("-@", size);
    return divider != std::string_view::npos && divider > size && address[divider] == '-';
}

std::string fold_case(std::string_view text) {
    if (has_high_octets(text)) return fold_unicode(text);
    return to_lower(text);
}

Result<LocalPart> LocalPart::parse(std::string_view text) {
    if (text.empty()) return Error{"empty local part", 0};
    if (!is_valid_utf8(text)) return Error{"local part is not valid UTF-8", 0};
    if (text.front() == '"') {
        auto value = unquote(text);
        if (!value) return value.error();
        return LocalPart(std::move(*value));
    }
    LocalPart part{std::string(text)};
    if (part.needs_quotes_) return Error{"local part has a character that needs quoting", 0};
    return part;
}

Result<LocalPart> LocalPart::from_value(std::string_view value) {
    if (value.empty()) return Error{"empty local part", 0};
    if (!is_valid_utf8(value)) return Error{"local part is not valid UTF-8", 0};
    auto const bad = std::find_if_not(value.begin(), value.end(), is_printable_utf8);
    if (bad != value.end()) {
        return Error{
            "control character in a local part", static_cast<std::size_t>(bad - value.begin())};
    }
    return LocalPart(std::string(value));
}

LocalPart::LocalPart(std::string value)
    : value_(std::move(value)), needs_quotes_(!is_dot_string(value_)) {}

std::string LocalPart::to_wire() const {
    std::string wire;
    append_to(wire);
    return wire;
}

void LocalPart::append_to(std::string& wire) const {
    if (!needs_quotes_) {
        wire += value_;
        return;
    }
    wire += '"';
    for (char const c : value_) {
        if (c == '"' || c == '\\') wire += '\\';
        wire += c;
    }
    wire += '"';
}

std::string LocalPart::key() const { return fold_case(value_); }

bool LocalPart::is_ascii() const { return !has_high_octets(value_); }

bool LocalPart::is_postmaster() const { return key() == "postmaster"; }

Mailbox::Mailbox(LocalPart local_part, Domain domain)
    : local_part_(std::move(local_part)), domain_(std::move(domain)) {}

Result<Mailbox> Mailbox::parse(std::string_view text) {
    return parse_within(text, max_local_part_octets);
}

Result<Mailbox> Mailbox::parse_long(std::string_view text) {
    return parse_within(text, max_path_octets);
}

Result<Mailbox> Mailbox::parse_within(std::string_view text, std::size_t local_part_limit) {
    auto const at = find_divider(text);
    if (at == std::string_view::npos) return Error{"address has no domain", text.size()};
    auto local_part = LocalPart::parse(text.substr(0, at));
    if (!local_part) return local_part.error();
    auto const limit = is_encapsulated(text) ? max_encapsulated_octets : local_part_limit;
    if (at > limit) return Error{fmt::format("local part longer than {} octets", limit), at};
    auto domain = Domain::parse(text.substr(at + 1));
    if (!domain) return Error{domain.error().what, at + 1 + domain.error().at};
    return Mailbox(std::move(*local_part), std::move(*domain));
}

std::string Mailbox::to_wire() const {
    std::string wire;
    wire.reserve(local_part_.value().size() + 1 + domain_.text().size());
    local_part_.append_to(wire);
    wire += '@';
    wire += domain_.text();
    return wire;
}

std::string Mailbox::to_log() const { return to_log_text(to_wire()); }

std::string Mailbox::key() const {
    // The quoted form keeps an `@` in a local part apart from the divider.
    auto const& value = local_part_.value();
    if (!local_part_.needs_quotes() && local_part_.is_ascii()) {
        std::string plain;
        plain.reserve(value.size() + 1 + domain_.text().size());
        for (char const c : value) plain += to_lower(c);
        plain += '@';
        plain += domain_.text();
        return plain;
    }
    auto const folded = local_part_.key();
    if (is_dot_string(folded)) return folded + "@" + domain_.text();
    return "\"" + folded + "\"@" + domain_.text();
}

std::string address_key(std::string const& wire) {
    auto const mailbox = Mailbox::parse_long(wire);
    return mailbox ? mailbox->key() : wire;
}

std::string to_log_text(std::string_view text) {
    // Nearly every text is plain ASCII: one look, one copy.
    if (is_printable_ascii(text)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const used = printable_prefix(text);
        if (used > 0) {
            out += text.substr(0, used);
            text.remove_prefix(used);
            continue;
        }
        out += fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace splitmx::mail
