// A content synchronisation (RFC 4533) from a server that sends anything at all.
// Input: one octet, whether a cookie was sent; then messages of a kind, a length and their octets.
#include "ldap/sync_session.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace splitmx::ldap;

namespace {

// What no server may bring about, whatever it sends.
void check(std::vector<sync::Event> const& events, sync::Session const& session) {
    std::size_t refreshes = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        bool const last = i + 1 == events.size();
        if (std::holds_alternative<sync::SessionEnds>(events[i]) && !last) std::abort();
        refreshes += std::holds_alternative<sync::RefreshEnds>(events[i]) ? 1 : 0;
    }
    if (refreshes > 1) std::abort();
    bool const over = !events.empty() && std::holds_alternative<sync::SessionEnds>(events.back());
    if (over != session.is_over()) std::abort();
    if (refreshes == 1 && session.is_refreshing()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<char const*>(data), size);
    if (rest.empty()) return 0;
    bool const resumed = (rest.front() & 1) != 0;
    rest.remove_prefix(1);
    sync::Session session(
        {"ldap://a", "cn=relay", "dc=example"},
        resumed ? std::optional(sync::Cookie{"c"}) : std::nullopt
    );
    std::vector<sync::Event> events;
    while (rest.size() >= 2) {
        auto const kind = rest[0];
        auto const length = static_cast<std::uint8_t>(rest[1]);
        rest.remove_prefix(2);
        auto const octets = rest.substr(0, length);
        rest.remove_prefix(octets.size());
        switch (kind) {
            case 'e':
                session.entry(octets, Entry(), events);
                break;
            case 'r':
                session.reference(octets, events);
                break;
            case 'i':
                session.info(octets, events);
                break;
            case 'd':
                session.result({octets.empty() ? 0 : octets.front(), "text"}, events);
                break;
            default:
                (void)sync::parse_page_cookie(octets);
        }
        check(events, session);
    }
    return 0;
}
