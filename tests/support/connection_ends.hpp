// A Connection and the socket at its other end, for the tests of connections in clear and under
// TLS.
#pragma once

#include "smtp/net/connection.hpp"
#include "support/loopback.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::smtp::net::test {

struct Ends {
    Connection connection;
    FileDescriptor peer;  // blocking
};

inline Ends open_ends(asio::io_context& loop) {
    auto pair = tcp_pair();
    auto connection = Connection::adopt(loop.get_executor(), std::move(pair.ours));
    return Ends{std::move(connection.value()), std::move(pair.theirs)};
}

inline awaitable<IoResult<std::string>> read_to_end(Connection& connection) {
    std::string all;
    std::array<char, 7> block;
    for (;;) {
        auto const got = co_await connection.read_some(block);
        if (!got) co_return got.error();
        if (*got == 0) co_return all;
        all.append(block.data(), *got);
    }
}

inline awaitable<IoResult<void>> write(Connection& connection, std::vector<std::string> pieces) {
    std::vector<std::string_view> const views(pieces.begin(), pieces.end());
    co_return co_await connection.write_all(views);
}

}  // namespace splitmx::smtp::net::test
