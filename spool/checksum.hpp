// CRC32C (Castagnoli) of octets that arrive in pieces; finds damage, not malice.
// Threads: a value. Source: RFC 3720 12.1 and B.4.
#pragma once

#include <cstdint>
#include <string_view>

namespace splitmx::spool {

class Crc32c {
public:
    void update(std::string_view octets);
    std::uint32_t value() const { return ~state_; }

private:
    std::uint32_t state_ = 0xffffffff;
};

inline std::uint32_t crc32c(std::string_view octets) {
    Crc32c sum;
    sum.update(octets);
    return sum.value();
}

// The same without the processor's instruction, for processors that lack it.
// `before`: the checksum of what came before these octets.
std::uint32_t crc32c_by_table(std::string_view octets, std::uint32_t before = 0);

}  // namespace splitmx::spool
