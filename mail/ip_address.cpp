#include "mail/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace splitmx::mail {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_contiguous(IpAddress const& mask, unsigned& bits) {
    bits = 0;
    bool ended = false;
    for (unsigned i = 0; i < 32; ++i) {
        bool const set = (mask.octets()[i / 8] >> (7 - i % 8)) & 1;
        if (set && ended) return false;
        if (set) ++bits;
        ended = ended || !set;
    }
    return true;
}

// "24" or, for IPv4, "255.255.255.0".
std::optional<unsigned> parse_mask(std::string_view text, IpAddress const& base) {
    if (base.is_v4() && text.find('.') != std::string_view::npos) {
        auto const mask = IpAddress::parse(text);
        unsigned bits = 0;
        if (mask && mask->is_v4() && is_contiguous(*mask, bits)) return bits;
        return std::nullopt;
    }
    unsigned bits = 0;
    auto const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, bits);
    if (failure != std::errc{} || stop != end || bits > base.bits()) return std::nullopt;
    return bits;
}

bool has_host_bits(IpAddress const& base, unsigned bits) {
    for (unsigned i = bits; i < base.bits(); ++i) {
        if ((base.octets()[i / 8] >> (7 - i % 8)) & 1) return true;
    }
    return false;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
    std::string const copy(text);
    if (copy.find('\0') != std::string::npos) return Error{"NUL in an IP address", copy.find('\0')};
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, copy.c_str(), four.data()) == 1) {
        return from_v4(four);
    }
    std::array<std::uint8_t, 16> sixteen{};
    if (inet_pton(AF_INET6, copy.c_str(), sixteen.data()) == 1) return from_v6(sixteen);
    return Error{"\"" + copy + "\" is not an IP address", 0};
}

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> octets) {
    IpAddress address;
    std::copy(octets.begin(), octets.end(), address.octets_.begin());
    return address;
}

IpAddress IpAddress::from_v6(std::array<std::uint8_t, 16> octets) {
    if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin())) {
        return from_v4({octets[12], octets[13], octets[14], octets[15]});
    }
    IpAddress address;
    address.octets_ = octets;
    address.v4_ = false;
    return address;
}

bool IpAddress::is_loopback() const {
    if (v4_) return octets_[0] == 127;
    return std::all_of(octets_.begin(), octets_.end() - 1, [](auto o) { return o == 0; }) &&
           octets_[15] == 1;
}

bool IpAddress::shares_prefix(IpAddress const& other, unsigned bits) const {
    if (v4_ != other.v4_) return false;
    unsigned const whole = bits / 8;
    if (!std::equal(octets_.begin(), octets_.begin() + whole, other.octets_.begin())) return false;
    if (bits % 8 == 0) return true;
    auto const mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
    return (octets_[whole] & mask) == (other.octets_[whole] & mask);
}

std::string IpAddress::to_text() const {
    if (v4_) {
        std::array<char, INET_ADDRSTRLEN> text{};
        auto* at = text.data();
        for (std::size_t i = 0; i < 4; ++i) {
            if (i > 0) *at++ = '.';
            at = std::to_chars(at, text.data() + text.size(), octets_[i]).ptr;
        }
        return {text.data(), at};
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, octets_.data(), text.data(), text.size());
    return text.data();
}

std::string IpAddress::to_literal() const { return (v4_ ? "[" : "[IPv6:") + to_text() + "]"; }

Result<Network> Network::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const base = IpAddress::parse(text.substr(0, slash));
    if (!base) return base.error();
    Network network;
    network.base_ = *base;
    network.bits_ = base->bits();
    if (slash == std::string_view::npos) return network;
    auto const bits = parse_mask(text.substr(slash + 1), *base);
    if (!bits) return Error{"\"" + std::string(text) + "\" has a mask that is no mask", slash + 1};
    if (has_host_bits(*base, *bits)) {
        return Error{"\"" + std::string(text) + "\" has host bits set and would match nothing", 0};
    }
    network.bits_ = *bits;
    return network;
}

bool Network::contains(IpAddress const& address) const {
    return base_.shares_prefix(address, bits_);
}

std::string Network::to_text() const { return base_.to_text() + "/" + std::to_string(bits_); }

}  // namespace splitmx::mail
