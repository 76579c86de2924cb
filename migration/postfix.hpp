// Postfix's lookup tables in their text form: which of their lines are people, and which routes.
// Threads: pure functions; MapLines: one. Source: virtual(5), transport(5), relocated(5),
// canonical(5) and relay_recipient_maps of Postfix.
#pragma once

#include "migration/person.hpp"
#include "migration/text_lines.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::migration {

enum class MapKind { virtual_alias, canonical, transport, relay_recipients, relocated };

// "virtual", "canonical", "transport", "relay_recipients" (also "relay_recipient"), "relocated".
[[nodiscard]] std::optional<MapKind> map_kind(std::string_view word);
// By the name of a file: "/etc/postfix/virtual", "relay_recipients.txt".
[[nodiscard]] std::optional<MapKind> map_kind_of_file(std::string_view path);

struct MapLine {
    std::size_t line = 0;  // its first one
    std::string key;
    std::string value;
    std::string fault;
};

// A line that begins with a blank goes on with the one before; empty ones and comments are none.
class MapLines {
public:
    static constexpr std::size_t max_size = std::size_t{1} << 20U;

    void add(TextLine line);
    void end();
    [[nodiscard]] std::optional<MapLine> next();

private:
    void finish();

    std::optional<MapLine> open_;  // `value` holds all of its text
    std::vector<MapLine> ready_;
    std::size_t given_ = 0;
};

// `domains` are those that are ours; one alone is that of keys without a domain.
[[nodiscard]] Outcome read_map_line(
    MapKind kind, MapLine const& line, std::vector<mail::Domain> const& domains
);

// In postfix_transport.cpp.
[[nodiscard]] Outcome read_transport(MapLine const& line);
// "user@domain", or "user" where there is one domain of ours.
[[nodiscard]] mail::Result<mail::Mailbox> to_mailbox(
    std::string_view text, std::vector<mail::Domain> const& domains
);
[[nodiscard]] Person person_at(mail::Mailbox address, resolver::RecipientKind kind);

}  // namespace splitmx::migration
