// What the fuzz targets share: an input that is taken apart piece by piece, and a demand that ends
// the program.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace splitmx::fuzz {

class Input {
public:
    Input(std::uint8_t const* data, std::size_t size)
        : rest_(reinterpret_cast<char const*>(data), size) {}

    bool empty() const { return rest_.empty(); }
    std::uint8_t octet() {
        if (rest_.empty()) return 0;
        auto const value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    std::string_view octets(std::size_t at_most) {
        auto const taken = rest_.substr(0, std::min(at_most, rest_.size()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    // Up to a line feed, without it.
    std::string_view line() {
        auto const end = std::min(rest_.find('\n'), rest_.size());
        auto const taken = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return taken;
    }
    std::string_view rest() { return octets(rest_.size()); }

private:
    std::string_view rest_;
};

inline void demand(bool holds, char const* what) {
    if (holds) return;
    std::fprintf(stderr, "demanded: %s\n", what);
    std::abort();
}

}  // namespace splitmx::fuzz
