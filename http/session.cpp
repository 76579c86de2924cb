#include "http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace splitmx::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

using Parser = wire::request_parser<wire::string_body>;
using Message = wire::response<wire::string_body>;

constexpr auto token = asio::as_tuple(asio::use_awaitable);

Response plain(wire::status status, std::string_view text) {
    return {static_cast<unsigned>(status), "text/plain; charset=utf-8", std::string(text) + "\n"};
}

// What is said about a request that cannot be read; none: nobody is there to hear it.
std::optional<Response> complaint(boost::system::error_code const& error) {
    if (error == wire::error::header_limit) {
        return plain(wire::status::request_header_fields_too_large, "The header is too large.");
    }
    if (error == wire::error::body_limit) {
        return plain(wire::status::payload_too_large, "The body is too large.");
    }
    bool const is_grammar = error.category() == make_error_code(wire::error::bad_method).category();
    bool const is_end =
        error == wire::error::end_of_stream || error == wire::error::partial_message;
    if (!is_grammar || is_end) return std::nullopt;
    return plain(wire::status::bad_request, "This is no HTTP/1.1 request.");
}

// RFC 9112 3.2.2: "http://HOST/path" is accepted, too; which host it names is nothing to us.
std::string path_of(Parser const& parser) {
    constexpr std::string_view scheme = "http://";
    auto const target = parser.get().target();
    auto path = std::string_view(target.data(), target.size());
    path = path.substr(0, path.find('?'));
    if (!beast::iequals(target.substr(0, scheme.size()), scheme)) return std::string(path);
    path.remove_prefix(scheme.size());
    auto const slash = path.find('/');
    return slash == path.npos ? "/" : std::string(path.substr(slash));
}

// RFC 9112 3.2: one line of it, from HTTP/1.1 on.
bool has_host(Parser const& parser) {
    auto const count = parser.get().count(wire::field::host);
    return count == 1 || (count == 0 && parser.get().version() < 11);
}

Message message_of(Response response, bool is_head, bool stays) {
    Message message(wire::int_to_status(response.status), 11);
    message.set(wire::field::server, "splitmx");
    message.set(wire::field::content_type, response.type);
    message.set(wire::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (response.status == static_cast<unsigned>(wire::status::method_not_allowed)) {
        message.set(wire::field::allow, "GET, HEAD");
    }
    message.keep_alive(stays);
    message.content_length(response.body.size());
    if (!is_head) message.body() = std::move(response.body);
    return message;
}

class Session {
public:
    Session(asio::ip::tcp::socket socket, std::shared_ptr<Handler const> handler, Limits limits)
        : stream_(std::move(socket)), handler_(std::move(handler)), limits_(limits) {}

    asio::awaitable<void> run();
    asio::awaitable<void> turn_away();

private:
    asio::awaitable<bool> exchange();  // false: it was the last one
    asio::awaitable<bool> send(Response response, bool is_head, bool stays);
    void say_goodbye();

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::shared_ptr<Handler const> handler_;
    Limits limits_;
};

asio::awaitable<void> Session::run() {
    bool stays = true;
    while (stays) stays = co_await exchange();
    say_goodbye();
}

asio::awaitable<void> Session::turn_away() {
    auto response = plain(wire::status::service_unavailable, "Too many clients, try again later.");
    co_await send(std::move(response), false, false);
    say_goodbye();
}

asio::awaitable<bool> Session::exchange() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.header));
    parser.body_limit(limits_.body);
    stream_.expires_after(limits_.request);
    auto const [error, size] = co_await wire::async_read(stream_, buffer_, parser, token);
    if (error) {
        auto response = complaint(error);
        if (!response) co_return false;
        auto content = std::move(*response);
        co_return co_await send(std::move(content), false, false);
    }
    if (!has_host(parser)) {
        auto response = plain(wire::status::bad_request, "A request has one Host.");
        co_return co_await send(std::move(response), false, false);
    }
    auto const method = parser.get().method();
    bool const is_head = method == wire::verb::head;
    bool const stays = parser.get().keep_alive();
    if (method != wire::verb::get && !is_head) {
        auto response = plain(wire::status::method_not_allowed, "Only GET and HEAD.");
        co_return co_await send(std::move(response), false, stays);
    }
    Request request;
    request.path = path_of(parser);
    stream_.expires_never();
    auto response = co_await (*handler_)(std::move(request));
    co_return co_await send(std::move(response), is_head, stays);
}

asio::awaitable<bool> Session::send(Response response, bool is_head, bool stays) {
    auto const message = message_of(std::move(response), is_head, stays);
    wire::response_serializer<wire::string_body> serializer(message);
    stream_.expires_after(limits_.answer);
    // A HEAD's answer has the length of what GET would get, and no body.
    if (is_head) {
        auto const [error, size] = co_await wire::async_write_header(stream_, serializer, token);
        co_return !error && stays;
    }
    auto const [error, size] = co_await wire::async_write(stream_, serializer, token);
    co_return !error && stays;
}

void Session::say_goodbye() {
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.close();
}

}  // namespace

asio::awaitable<void> serve(
    asio::ip::tcp::socket socket,
    std::shared_ptr<Handler const> handler,
    Limits limits,
    bool is_full
) {
    auto const session = std::make_shared<Session>(std::move(socket), std::move(handler), limits);
    if (is_full)
        co_await session->turn_away();
    else
        co_await session->run();
}

}  // namespace splitmx::http
