#include "spool/spool_id.hpp"

#include <array>
#include <chrono>
#include <limits>

namespace splitmx::spool {

namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t usual_length = 10;
constexpr std::size_t longest = 13;  // 65 bits
constexpr unsigned sequence_bits = 10;
constexpr std::chrono::sys_days epoch = std::chrono::year{2024} / 1 / 1;

std::uint64_t from_clock(mail::Instant now) {
    auto const passed = std::chrono::floor<std::chrono::milliseconds>(now - epoch).count();
    if (passed <= 0) return 1;  // a clock that was never set
    return static_cast<std::uint64_t>(passed) << sequence_bits;
}

}  // namespace

mail::Result<SpoolId> SpoolId::parse(std::string_view text) {
    if (text.size() < usual_length || text.size() > longest) {
        return mail::Error{"a spool id has 10 to 13 characters", 0};
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        auto const upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        auto const digit = digits.find(upper);
        if (digit == std::string_view::npos) return mail::Error{"no digit of base 32", i};
        if (value > std::numeric_limits<std::uint64_t>::max() >> 5) {
            return mail::Error{"spool id too large", i};
        }
        value = value << 5 | digit;
    }
    // One text for one id: longer forms must need their length.
    if (text.size() > usual_length && text.front() == '0') {
        return mail::Error{"spool id with a leading zero", 0};
    }
    return SpoolId(value);
}

std::string SpoolId::to_text() const {
    std::array<char, longest> text{};
    auto first = text.end();
    for (auto rest = value_; rest != 0 || text.end() - first < std::ptrdiff_t{usual_length};
         rest >>= 5) {
        *--first = digits[rest & 31];
    }
    return {first, text.end()};
}

mail::Instant SpoolId::given() const {
    return epoch + std::chrono::milliseconds(value_ >> sequence_bits);
}

SpoolId SpoolIdSource::next(mail::Instant now) {
    auto const floor = from_clock(now);
    auto last = last_.load(std::memory_order_relaxed);
    auto chosen = std::max(last + 1, floor);
    while (!last_.compare_exchange_weak(last, chosen, std::memory_order_relaxed)) {
        chosen = std::max(last + 1, floor);
    }
    return SpoolId(chosen);
}

}  // namespace splitmx::spool
