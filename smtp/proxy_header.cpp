#include "smtp/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace splitmx::smtp {

namespace {

constexpr std::string_view line_start = "PROXY ";
constexpr std::string_view shortest_line = "PROXY UNKNOWN\r\n";
constexpr std::size_t max_line = 107;
constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t fixed_part = 16;  // signature, version and command, family, length

constexpr ProxyFault not_one{"does not begin with a PROXY header"};
constexpr ProxyFault bad_line{"begins with a PROXY line that is malformed"};

unsigned octet(std::string_view octets, std::size_t place) {
    return static_cast<unsigned char>(octets[place]);
}

unsigned number(std::string_view octets, std::size_t place) {
    return octet(octets, place) << 8U | octet(octets, place + 1);
}

// -- version 1 ------------------------------------------------------------------------------------

std::optional<std::uint16_t> port_of(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint16_t port = 0;
    auto const* const end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || rest != end) return std::nullopt;
    return port;
}

// An address of IPv6 that maps one of IPv4 becomes it, as everywhere: the text tells the family.
std::optional<mail::IpAddress> address_of(std::string_view text, bool v6) {
    auto const address = mail::IpAddress::parse(text);
    bool const has_colon = text.find(':') != std::string_view::npos;
    if (!address || has_colon != v6) return std::nullopt;
    return *address;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (;;) {
        auto const blank = line.find(' ');
        words.push_back(line.substr(0, blank));
        if (blank == std::string_view::npos) return words;
        line.remove_prefix(blank + 1);
    }
}

ProxyReading read_line(std::string_view line, std::size_t size) {
    auto const words = words_of(line);
    if (words[1] == "UNKNOWN") return ProxyHeader{size, {}};  // whatever stands behind it
    bool const v6 = words[1] == "TCP6";
    if (words.size() != 6 || (!v6 && words[1] != "TCP4")) return bad_line;
    auto const client = address_of(words[2], v6);
    auto const local = address_of(words[3], v6);
    auto const client_port = port_of(words[4]);
    auto const local_port = port_of(words[5]);
    if (!client || !local || !client_port || !local_port) return bad_line;
    return ProxyHeader{size, ProxyEnds{{*client, *client_port}, {*local, *local_port}}};
}

ProxyReading read_version_1(std::string_view octets) {
    auto const end = octets.find("\r\n");
    auto const size = end == std::string_view::npos ? octets.size() : end + 2;
    if (size > max_line) return ProxyFault{"begins with a PROXY line of more than 107 octets"};
    if (end != std::string_view::npos) return read_line(octets.substr(0, end), size);
    // The line is never shorter than the shortest one, and CRLF is still to come.
    auto const to_shortest = shortest_line.size() - std::min(octets.size(), shortest_line.size());
    return ProxyMore{std::max<std::size_t>(to_shortest, octets.ends_with('\r') ? 1 : 2)};
}

// -- version 2 ------------------------------------------------------------------------------------

template <std::size_t size>
std::array<std::uint8_t, size> taken(std::string_view octets, std::size_t place) {
    std::array<std::uint8_t, size> all{};
    auto const from = octets.substr(place, size);
    std::transform(from.begin(), from.end(), all.begin(), [](char one) {
        return static_cast<std::uint8_t>(one);
    });
    return all;
}

// Behind the fixed part: both addresses, then both ports.
ProxyEnds ends_v4(std::string_view octets) {
    using mail::IpAddress;
    auto const at = fixed_part;
    return {
        {IpAddress::from_v4(taken<4>(octets, at)), static_cast<std::uint16_t>(number(octets, at + 8))},
        {IpAddress::from_v4(taken<4>(octets, at + 4)),
         static_cast<std::uint16_t>(number(octets, at + 10))}};
}

ProxyEnds ends_v6(std::string_view octets) {
    using mail::IpAddress;
    auto const at = fixed_part;
    return {
        {IpAddress::from_v6(taken<16>(octets, at)),
         static_cast<std::uint16_t>(number(octets, at + 32))},
        {IpAddress::from_v6(taken<16>(octets, at + 16)),
         static_cast<std::uint16_t>(number(octets, at + 34))}};
}

struct Family {
    unsigned code;  // family and transport
    std::size_t octets;
    std::optional<ProxyEnds> (*ends)(std::string_view octets);
};

std::optional<ProxyEnds> nobody(std::string_view /*octets*/) { return std::nullopt; }

constexpr std::array families{
    Family{0x00, 0, nobody},  // unspecified
    Family{0x11, 12, [](std::string_view octets) { return std::optional(ends_v4(octets)); }},
    Family{0x21, 36, [](std::string_view octets) { return std::optional(ends_v6(octets)); }},
    Family{0x31, 216, nobody},  // a Unix socket
};

ProxyReading read_version_2(std::string_view octets) {
    if (octets.size() < fixed_part) return ProxyMore{fixed_part - octets.size()};
    constexpr unsigned version = 0x20;
    constexpr unsigned local = version | 0x0U;
    constexpr unsigned proxy = version | 0x1U;
    auto const command = octet(octets, 12);
    if (command != local && command != proxy) {
        return ProxyFault{"begins with a PROXY header of an unknown version or command"};
    }
    std::size_t const size = fixed_part + number(octets, 14);
    if (size > max_proxy_header) {
        return ProxyFault{"begins with a PROXY header of more than 4096 octets"};
    }
    auto const* const family = std::find_if(families.begin(), families.end(), [&](auto const& one) {
        return one.code == octet(octets, 13);
    });
    if (command == proxy && family == families.end()) {
        return ProxyFault{"begins with a PROXY header for what is no TCP connection"};
    }
    if (command == proxy && size < fixed_part + family->octets) {
        return ProxyFault{"begins with a PROXY header that is too short for its addresses"};
    }
    if (octets.size() < size) return ProxyMore{size - octets.size()};
    if (command == local) return ProxyHeader{size, {}};
    return ProxyHeader{size, family->ends(octets)};
}

bool may_become(std::string_view octets, std::string_view start) {
    auto const common = std::min(octets.size(), start.size());
    return octets.substr(0, common) == start.substr(0, common);
}

}  // namespace

ProxyReading read_proxy_header(std::string_view octets) {
    if (octets.empty()) return ProxyMore{shortest_line.size()};
    if (may_become(octets, line_start)) return read_version_1(octets);
    if (may_become(octets, signature)) return read_version_2(octets);
    return not_one;
}

bool begins_like_proxy_header(std::string_view octets) { return octets.starts_with(signature); }

}  // namespace splitmx::smtp
