#include "relay/desk/control_server.hpp"

#include "relay/desk/control_session.hpp"
#include "relay/desk/exit_codes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace splitmx::relay::desk {

namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

// A socket's file stays behind when its daemon is killed: only a connection tells whether one
// lives.
bool is_answered(asio::io_context& main, Protocol::endpoint const& endpoint) {
    Protocol::socket probe(main);
    boost::system::error_code error;
    probe.connect(endpoint, error);
    return !error;
}

mail::Error cannot(std::filesystem::path const& path, std::string_view why) {
    return mail::Error{fmt::format("control socket {}: {}", path.string(), why), 0};
}

asio::awaitable<void> converse(ControlSession& session, ControlDesk& desk) {
    for (;;) {
        auto const line = co_await session.read_line();
        if (!line) {
            session.begin(0);
            if (session.line_too_long()) co_await session.fail(exit_data, "the line is too long");
            co_return;
        }
        auto const request = control::decode_request(*line);
        bool open = true;
        if (request) {
            session.begin(request->id);
            open = co_await desk.answer(session, *request);
        } else {
            session.begin(0);
            open = co_await session.fail(exit_data, "not understood: " + request.error().what);
        }
        if (!open) co_return;
    }
}

template <class Counted>
asio::awaitable<void> serve(
    std::shared_ptr<ControlSession> session,
    std::string refusal,
    int exit,
    ControlDesk& desk,
    std::shared_ptr<Counted> counted
) {
    if (refusal.empty())
        co_await converse(*session, desk);
    else
        co_await session->fail(exit, std::move(refusal));
    --counted->count;
}

}  // namespace

ControlServer::ControlServer(
    asio::io_context& main, std::filesystem::path path, ControlDesk& desk, observe::Log& log
)
    : path_(std::move(path)), desk_(desk), log_(log), acceptor_(main), pause_(main) {}

mail::Result<std::unique_ptr<ControlServer>> ControlServer::open(
    asio::io_context& main, std::filesystem::path const& path, ControlDesk& desk, observe::Log& log
) {
    auto const text = path.string();
    if (text.size() >= sizeof(sockaddr_un{}.sun_path)) return cannot(path, "the path is too long");
    struct stat about {};
    Protocol::endpoint const endpoint(text);
    if (::lstat(text.c_str(), &about) == 0) {
        if (!S_ISSOCK(about.st_mode)) return cannot(path, "there is something else at this path");
        if (is_answered(main, endpoint)) return cannot(path, "another splitmxd answers there");
        ::unlink(text.c_str());
    }
    std::unique_ptr<ControlServer> server(new ControlServer(main, path, desk, log));
    boost::system::error_code error;
    server->acceptor_.open(Protocol(), error);
    // Nobody may come in before the mode is right.
    auto const mask = ::umask(0117);
    if (!error) server->acceptor_.bind(endpoint, error);
    ::umask(mask);
    if (!error) server->acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        server->path_.clear();
        return cannot(path, error.message());
    }
    server->accept();
    return server;
}

ControlServer::~ControlServer() { stop(); }

void ControlServer::stop() {
    boost::system::error_code ignored;
    if (acceptor_.is_open() && !path_.empty()) ::unlink(path_.c_str());
    acceptor_.close(ignored);
    pause_.cancel();
}

void ControlServer::accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!acceptor_.is_open()) return;
        if (!error) {
            welcome(std::move(socket));
            return accept();
        }
        pause_.expires_after(std::chrono::milliseconds(200));
        pause_.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) accept();
        });
    });
}

void ControlServer::welcome(Socket socket) {
    auto const peer = peer_of(socket.native_handle());
    if (!peer) return;
    struct stat about {};
    bool const known = ::stat(path_.c_str(), &about) == 0;
    auto const group = known ? about.st_gid : ::getegid();
    std::string refusal;
    int exit = exit_busy;
    if (!may_control(*peer, groups_of(*peer), ::geteuid(), group)) {
        exit = exit_not_permitted;
        refusal = fmt::format("user {} may not control this relay", peer->name);
        log_.warn("control", fmt::format("{} was refused", peer->to_text()));
    } else if (clients_->count >= max_clients) {
        refusal = "too many clients at the control socket, try again later";
    }
    ++clients_->count;
    auto session = std::make_shared<ControlSession>(std::move(socket), *peer);
    asio::co_spawn(
        acceptor_.get_executor(),
        serve(std::move(session), std::move(refusal), exit, desk_, clients_),
        asio::detached
    );
}

}  // namespace splitmx::relay::desk
