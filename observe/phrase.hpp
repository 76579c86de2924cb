// The text of a line, put together piece by piece in one string: the lines that each message has are
// made this way, since general formatting costs more than all else in them.
// Threads: one owner.
#pragma once

#include "mail/clock.hpp"
#include "mail/path.hpp"
#include "observe/word.hpp"

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::observe {

class Phrase {
public:
    Phrase() { text_.reserve(160); }

    Phrase& put(std::string_view octets) {
        text_ += octets;
        return *this;
    }
    // As word() writes it.
    Phrase& word(std::string_view octets) {
        append_word(text_, octets);
        return *this;
    }
    Phrase& number(std::integral auto value) {
        char digits[24];
        auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        text_.append(digits, end);
        return *this;
    }
    // "0.2s", rounded.
    Phrase& seconds(mail::Duration duration) {
        auto const tenths = (duration.count() + (duration.count() < 0 ? -50 : 50)) / 100;
        if (tenths < 0) put("-");
        auto const size = tenths < 0 ? -tenths : tenths;
        return number(size / 10).put(".").number(size % 10).put("s");
    }
    // "<ann@example.com>", "<>"
    Phrase& path(mail::ReversePath const& path) {
        return path.is_null() ? put("<>") : in_brackets(path.to_wire());
    }
    Phrase& in_brackets(std::string_view address) {
        if (is_bare(address)) return put("<").put(address).put(">");
        std::string whole;
        whole.reserve(address.size() + 2);
        whole.append("<").append(address).append(">");
        return word(whole);
    }

    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace splitmx::observe
