#include "ldap/ber.hpp"

namespace splitmx::ldap::ber {

namespace {

constexpr std::uint8_t long_form = 0x80;
constexpr std::size_t max_length_octets = 4;

[[nodiscard]] std::uint8_t octet(std::string_view text, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(text[at]);
}

struct Header {
    std::size_t size;     // of tag and length
    std::size_t content;  // octets that follow
};

[[nodiscard]] std::optional<Header> header_of(std::string_view text) noexcept {
    if (text.size() < 2) return std::nullopt;
    auto const first = octet(text, 1);
    if (first < long_form) return Header{2, first};
    // 0x80 alone is the indefinite form, which LDAP does not have (RFC 4511 5.1).
    std::size_t const count = first - long_form;
    if (count == 0 || count > max_length_octets || text.size() < 2 + count) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8U | octet(text, 2 + i);
    return Header{2 + count, length};
}

}  // namespace

bool Reader::next_is(Tag tag) const noexcept { return !rest_.empty() && octet(rest_, 0) == tag; }

std::optional<std::string_view> Reader::content(Tag tag) noexcept {
    if (!next_is(tag)) return std::nullopt;
    auto const header = header_of(rest_);
    if (!header || rest_.size() - header->size < header->content) return std::nullopt;
    auto const out = rest_.substr(header->size, header->content);
    rest_.remove_prefix(header->size + header->content);
    return out;
}

std::optional<std::int32_t> Reader::number(Tag tag) noexcept {
    auto const before = rest_;
    auto const octets = content(tag);
    if (!octets || octets->empty() || octets->size() > sizeof(std::int32_t)) {
        rest_ = before;
        return std::nullopt;
    }
    // Two's complement: the first octet gives the sign.
    std::uint32_t value = octet(*octets, 0) < long_form ? 0 : ~std::uint32_t{0};
    for (std::size_t i = 0; i < octets->size(); ++i) value = value << 8U | octet(*octets, i);
    return static_cast<std::int32_t>(value);
}

std::optional<bool> Reader::truth() noexcept {
    auto const before = rest_;
    auto const octets = content(boolean);
    if (!octets || octets->size() != 1) {
        rest_ = before;
        return std::nullopt;
    }
    return octet(*octets, 0) != 0;
}

std::string element(Tag tag, std::string_view content) {
    std::string out(1, static_cast<char>(tag));
    if (content.size() < long_form) {
        out.push_back(static_cast<char>(content.size()));
    } else {
        std::string length;
        for (auto rest = content.size(); rest > 0; rest >>= 8U) {
            length.insert(length.begin(), static_cast<char>(rest & 0xffU));
        }
        out.push_back(static_cast<char>(long_form + length.size()));
        out += length;
    }
    return out.append(content);
}

std::string number(Tag tag, std::int32_t value) {
    std::string content;
    for (;;) {
        content.insert(content.begin(), static_cast<char>(value & 0xff));
        bool const negative = (value & 0x80) != 0;
        value >>= 8;
        // Enough once what is left repeats the sign.
        if (value == (negative ? -1 : 0)) break;
    }
    return element(tag, content);
}

}  // namespace splitmx::ldap::ber
