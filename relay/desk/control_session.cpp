#include "relay/desk/control_session.hpp"

#include "relay/desk/control_server.hpp"

#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace splitmx::relay::desk {

namespace asio = boost::asio;

ControlSession::ControlSession(Socket socket, ControlPeer peer)
    : socket_(std::move(socket)), limit_(socket_.get_executor()), peer_(std::move(peer)) {}

// A timer that is set again has its old wait cancelled; one that fires shuts the socket down, and
// whoever waits for it comes back.
void ControlSession::set_limit(std::chrono::seconds limit) {
    limit_.expires_after(limit);
    limit_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        auto const self = weak.lock();
        boost::system::error_code ignored;
        if (!error && self) self->socket_.shutdown(Socket::shutdown_both, ignored);
    });
}

asio::awaitable<std::optional<std::string>> ControlSession::read_line() {
    std::array<char, 16 * 1024> buffer;
    std::size_t searched = 0;
    for (;;) {
        auto const end = input_.find('\n', searched);
        if (end != std::string::npos) {
            std::optional<std::string> line(input_.substr(0, end));
            input_.erase(0, end + 1);
            limit_.cancel();
            co_return line;
        }
        searched = input_.size();
        too_long_ = searched > control::max_line;
        if (too_long_) break;
        set_limit(ControlServer::idle_limit);
        auto const space = asio::buffer(buffer);
        auto const [error, got] = co_await socket_.async_read_some(space, as_result);
        if (error) break;
        input_.append(buffer.data(), got);
    }
    limit_.cancel();
    co_return std::nullopt;
}

asio::awaitable<bool> ControlSession::row(control::json::object content) {
    control::Answer answer{request_, control::Row{std::move(content)}};
    co_return co_await put(std::move(answer), false);
}

asio::awaitable<bool> ControlSession::done(control::json::object content) {
    control::Answer answer{request_, control::Done{std::move(content)}};
    co_return co_await put(std::move(answer), true);
}

asio::awaitable<bool> ControlSession::fail(int exit, std::string text) {
    control::Answer answer{request_, control::Failure{exit, std::move(text)}};
    co_return co_await put(std::move(answer), true);
}

asio::awaitable<bool> ControlSession::put(control::Answer answer, bool at_once) {
    output_ += control::encode(answer);
    if (!at_once && output_.size() < piece) co_return true;
    co_return co_await flush();
}

asio::awaitable<bool> ControlSession::flush() {
    auto const output = std::exchange(output_, {});
    for (std::size_t at = 0; at < output.size();) {
        set_limit(ControlServer::write_limit);
        auto const rest = asio::buffer(output.data() + at, output.size() - at);
        auto const [error, written] = co_await socket_.async_write_some(rest, as_result);
        if (error) co_return false;
        at += written;
    }
    limit_.cancel();
    co_return true;
}

}  // namespace splitmx::relay::desk
