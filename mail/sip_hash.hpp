// SipHash-2-4: a short keyed checksum of short texts. Whoever does not have the key can neither
// make one nor find the text by trying. Threads: pure function.
// Source: J.-P. Aumasson and D. J. Bernstein, SipHash: a fast short-input PRF (2012).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace splitmx::mail {

using SipKey = std::array<std::uint8_t, 16>;

std::uint64_t sip_hash(SipKey const& key, std::string_view text);

}  // namespace splitmx::mail
