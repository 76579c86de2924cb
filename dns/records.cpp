#include "dns/records.hpp"

#include <algorithm>
#include <array>

namespace splitmx::dns {

namespace {

// An uncompressed name of RFC 1035 3.1. A dot inside a label could pass for a division.
std::optional<std::string> name_of(std::string_view wire) {
    std::string name;
    while (!wire.empty()) {
        std::size_t const length = static_cast<unsigned char>(wire.front());
        wire.remove_prefix(1);
        if (length == 0) return wire.empty() ? std::optional(name) : std::nullopt;
        if (length > 63 || length > wire.size()) return std::nullopt;
        auto const label = wire.substr(0, length);
        if (label.find('.') != std::string_view::npos) return std::nullopt;
        if (!name.empty()) name += '.';
        name += label;
        wire.remove_prefix(length);
    }
    return std::nullopt;
}

template <std::size_t N>
std::array<std::uint8_t, N> octets_of(std::string_view rdata) {
    std::array<std::uint8_t, N> octets{};
    std::transform(rdata.begin(), rdata.end(), octets.begin(), [](char octet) {
        return static_cast<std::uint8_t>(octet);
    });
    return octets;
}

}  // namespace

Records Records::failure(std::string reason) {
    Records records;
    records.why = std::move(reason);
    return records;
}

std::optional<mail::IpAddress> address_of(std::string_view rdata) {
    if (rdata.size() == 4) return mail::IpAddress::from_v4(octets_of<4>(rdata));
    if (rdata.size() == 16) return mail::IpAddress::from_v6(octets_of<16>(rdata));
    return std::nullopt;
}

std::optional<MxData> mx_of(std::string_view rdata) {
    if (rdata.size() < 3) return std::nullopt;
    auto const octets = octets_of<2>(rdata.substr(0, 2));
    auto host = name_of(rdata.substr(2));
    if (!host) return std::nullopt;
    MxData mx;
    mx.preference = static_cast<std::uint16_t>(octets[0] * 256 + octets[1]);
    mx.host = std::move(*host);
    return mx;
}

}  // namespace splitmx::dns
