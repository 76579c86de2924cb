// A next hop that takes everything and keeps nothing. Counts messages by recipient; says at its end
// how many came and whether each had the trace field in front.
// usage: bench_sink HOST:PORT     (ends on SIGTERM)
#include "smtp/net/listener.hpp"
#include "smtp/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <map>

using namespace splitmx;
namespace net = smtp::net;
using smtp::ServerSession;

namespace {

struct Counts {
    std::size_t messages = 0;
    std::size_t octets = 0;
    std::size_t without_trace = 0;
    std::map<std::string, std::size_t> by_recipient;
    std::array<char, 64 * 1024> buffer{};
};

smtp::ServerSettings settings() {
    smtp::ServerSettings all;
    all.hostname = "sink.invalid";
    return all;
}

void count(Counts& counts, ServerSession& session) {
    auto const body = session.take_body();
    ++counts.messages;
    counts.octets += body.size();
    if (!body.starts_with("Received: ")) ++counts.without_trace;
    for (auto const& recipient : session.transaction().recipients) {
        ++counts.by_recipient[recipient.path.to_wire()];
    }
    session.message_finished({250, {6, 0}, "Taken"});
}

net::awaitable<void> serve(Counts& counts, net::Connection connection) {
    ServerSession session(settings());
    for (;;) {
        switch (session.next()) {
            case ServerSession::Step::need_input: {
                auto const output = session.take_output();
                if (!output.empty()) {
                    auto const written = co_await connection.write_all(output);
                    if (!written) co_return;
                }
                auto const got = co_await connection.read_some(counts.buffer);
                if (!got || *got == 0) co_return;
                session.feed({counts.buffer.data(), *got});
                break;
            }
            case ServerSession::Step::verify_recipients:
                session.recipients_verified(std::vector<mail::Status>(
                    session.to_verify().size(), mail::Status(250, {1, 5}, "OK")
                ));
                break;
            case ServerSession::Step::store_body:
                counts.octets += session.take_body().size();
                break;
            case ServerSession::Step::finish_message:
                count(counts, session);
                break;
            case ServerSession::Step::discard_message:
            case ServerSession::Step::start_tls:  // offers neither this
            case ServerSession::Step::check_login:  // nor that
                break;
            case ServerSession::Step::close: {
                auto const output = session.take_output();
                co_await connection.write_all(output);
                co_return;
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: bench_sink HOST:PORT\n");
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context loop(1);
    Counts counts;
    auto listener =
        net::Listener::open(loop.get_executor(), net::Endpoint::parse(argv[1]).value()).value();
    net::ListenerCallbacks callbacks;
    callbacks.choose = [&] { return net::Executor(loop.get_executor()); };
    callbacks.on_connection = [&](net::Connection connection) {
        boost::asio::co_spawn(loop, serve(counts, std::move(connection)), boost::asio::detached);
    };
    callbacks.on_problem = [](std::string const& what) { fmt::print(stderr, "{}\n", what); };
    listener.start(std::move(callbacks));
    fmt::print("ready {}\n", listener.endpoint().to_text());
    std::fflush(stdout);
    boost::asio::signal_set endings(loop, SIGTERM, SIGINT);
    endings.async_wait([&](boost::system::error_code, int) { loop.stop(); });
    loop.run();
    fmt::print(
        "{{\"messages\": {}, \"octets\": {}, \"without_trace\": {}, \"recipients\": {}}}\n",
        counts.messages,
        counts.octets,
        counts.without_trace,
        counts.by_recipient.size()
    );
}
