// A question to the DNS and its answer in the room's own form, and what the octets of a record
// mean. Threads: immutable values. Source: RFC 1035 3.2 to 3.4, RFC 3596 2.2 (AAAA), RFC 2308.
#pragma once

#include "mail/ip_address.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::dns {

enum class RecordType : std::uint16_t { a = 1, mx = 15, aaaa = 28 };

struct Question {
    std::string name;  // A-labels, no trailing dot
    RecordType type;

    Question(std::string owner, RecordType kind) : name(std::move(owner)), type(kind) {}
    auto operator<=>(Question const&) const = default;
};

struct Records {
    enum class Outcome { found, no_data, no_such_name, failed };

    Outcome outcome = Outcome::failed;
    std::vector<std::string> data;  // one rdata each, in wire form
    std::chrono::seconds ttl{0};
    std::string why;  // when failed

    static Records failure(std::string reason);
};

using RecordsPtr = std::shared_ptr<Records const>;

// The address of an A or AAAA record; nothing where the length is wrong.
std::optional<mail::IpAddress> address_of(std::string_view rdata);

struct MxData {
    std::uint16_t preference = 0;
    std::string host;  // "" for the root: nobody (RFC 7505)
};
std::optional<MxData> mx_of(std::string_view rdata);

}  // namespace splitmx::dns
