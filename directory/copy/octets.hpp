// Numbers and texts one after the other: how records and snapshots are written. A number takes one
// octet for each seven bits (LEB128), a text stands behind its length.
// Threads: values. Errors: past the end a Reader gives 0 and empty texts, and is not good() then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace splitmx::directory::copy {

inline void append_number(std::string& to, std::uint64_t number) {
    while (number >= 0x80) {
        to += static_cast<char>(number | 0x80U);
        number >>= 7U;
    }
    to += static_cast<char>(number);
}

inline void append_text(std::string& to, std::string_view text) {
    append_number(to, text.size());
    to += text;
}

class Reader {
public:
    explicit Reader(std::string_view octets) : rest_(octets) {}

    std::uint64_t number() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            auto const octet = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            number |= static_cast<std::uint64_t>(octet & 0x7FU) << shift;
            if (octet < 0x80) return number;
        }
        good_ = false;
        rest_ = {};
        return 0;
    }

    std::string_view text() {
        auto const size = number();
        if (size > rest_.size()) {
            good_ = false;
            rest_ = {};
            return {};
        }
        auto const text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace splitmx::directory::copy
