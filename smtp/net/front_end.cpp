#include "smtp/net/front_end.hpp"

#include "smtp/net/watchdog.hpp"
#include "smtp/proxy_header.hpp"

#include <span>
#include <string>
#include <utility>
#include <variant>

namespace splitmx::smtp::net {

namespace {

Endpoint endpoint_of(ProxyEnd const& end) { return Endpoint(end.address, end.port); }

mail::Error failure(IoResult<std::size_t> const& got, bool is_late) {
    if (is_late) return mail::Error("sends no PROXY header", 0);
    if (!got) {
        std::string what("is gone before its PROXY header: ");
        what += got.error().message();
        return mail::Error(std::move(what), 0);
    }
    return mail::Error("ends the connection before its PROXY header is complete", 0);
}

}  // namespace

awaitable<mail::Result<void>> hear_front_end(Connection& connection, mail::Duration limit) {
    Watchdog watchdog(connection);
    watchdog.set(limit);
    std::string octets;
    for (;;) {
        auto const reading = read_proxy_header(octets);
        if (auto const* fault = std::get_if<ProxyFault>(&reading)) {
            co_return mail::Error(std::string(fault->what), 0);
        }
        if (auto const* header = std::get_if<ProxyHeader>(&reading)) {
            if (auto const& ends = header->ends) {
                connection.stand_for(endpoint_of(ends->client), endpoint_of(ends->local));
            }
            co_return mail::Result<void>();
        }
        auto const known = octets.size();
        octets.resize(known + std::get<ProxyMore>(reading).octets);
        std::span<char> const room(octets.data() + known, octets.size() - known);
        auto const got = co_await connection.read_some(room);
        if (!got || *got == 0) co_return failure(got, watchdog.expired());
        octets.resize(known + *got);
    }
}

}  // namespace splitmx::smtp::net
