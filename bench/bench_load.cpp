// A closed loop of clients: every connection sends its next message as soon as the last one was
// answered. Prints what was accepted and how long the answers took.
// usage: bench_load HOST:PORT CONNECTIONS MESSAGES OCTETS RCPT
#include "smtp/client_session.hpp"
#include "smtp/data_writer.hpp"
#include "smtp/net/connector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

using namespace splitmx;
namespace net = smtp::net;
using Clock = std::chrono::steady_clock;
using smtp::ClientSession;

namespace {

struct Run {
    std::size_t left;  // messages that nobody has begun
    std::string content;
    std::string rcpt;
    std::vector<double> waits;  // milliseconds from the first command to the last reply
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::size_t broken = 0;
};

class Client {
public:
    Client(Run& run, net::Connection connection)
        : run_(run), connection_(std::move(connection)), session_({"bench.invalid", false}) {}

    net::awaitable<void> serve() {
        auto step = co_await pump();
        while (run_.left > 0 &&
               (step == ClientSession::Step::idle || step == ClientSession::Step::done)) {
            --run_.left;
            step = co_await send();
        }
        if (step == ClientSession::Step::closed) {
            ++run_.broken;
            co_return;
        }
        session_.quit();
        co_await pump();
    }

private:
    net::awaitable<ClientSession::Step> send() {
        auto const start = Clock::now();
        smtp::Delivery delivery;
        delivery.from = mail::ReversePath::parse("bench@outside.example").value();
        delivery.recipients.emplace_back(run_.rcpt);
        delivery.size = run_.content.size();
        session_.begin(std::move(delivery));
        auto step = co_await pump();
        if (step == ClientSession::Step::send_content) {
            smtp::DataWriter writer;
            std::vector<std::string_view> pieces;
            writer.write(run_.content, pieces);
            writer.finish(pieces);
            co_await connection_.write_all(pieces);
            session_.content_sent();
            step = co_await pump();
        }
        if (step == ClientSession::Step::done) {
            (session_.outcomes().front().is_positive() ? run_.accepted : run_.refused) += 1;
            run_.waits.push_back(
                std::chrono::duration<double, std::milli>(Clock::now() - start).count()
            );
        }
        co_return step;
    }

    net::awaitable<ClientSession::Step> pump() {
        for (;;) {
            auto const step = session_.next();
            auto const output = session_.take_output();
            if (!output.empty()) co_await connection_.write_all(output);
            if (step != ClientSession::Step::need_reply) co_return step;
            auto const got = co_await connection_.read_some(buffer_);
            if (got && *got > 0)
                session_.feed({buffer_.data(), *got});
            else
                session_.connection_lost();
        }
    }

    Run& run_;
    net::Connection connection_;
    ClientSession session_;
    std::array<char, 4096> buffer_{};
};

net::awaitable<void> client(Run& run, net::Endpoint where) {
    std::vector<net::Candidate> candidates;
    candidates.emplace_back(where, "relay");
    auto outcome = co_await net::connect(std::move(candidates));
    if (!outcome.connection) {
        ++run.broken;
        co_return;
    }
    Client one(run, std::move(*outcome.connection));
    co_await one.serve();
}

std::string make_content(std::size_t octets) {
    std::string content = "From: bench@outside.example\r\nSubject: bench\r\n\r\n";
    while (content.size() + 78 < octets) content += std::string(76, 'x') + "\r\n";
    return content;
}

double quantile(std::vector<double> const& sorted, double q) {
    if (sorted.empty()) return 0;
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        fmt::print(stderr, "usage: bench_load HOST:PORT CONNECTIONS MESSAGES OCTETS RCPT\n");
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    auto const where = net::Endpoint::parse(argv[1]).value();
    auto const connections = std::strtoull(argv[2], nullptr, 10);
    Run run{
        std::strtoull(argv[3], nullptr, 10),
        make_content(std::strtoull(argv[4], nullptr, 10)),
        argv[5],
        {}};
    boost::asio::io_context loop(1);
    auto const start = Clock::now();
    for (std::size_t i = 0; i < connections; ++i) {
        boost::asio::co_spawn(loop, client(run, where), boost::asio::detached);
    }
    loop.run();
    double const seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(run.waits.begin(), run.waits.end());
    fmt::print(
        "{{\"accepted\": {}, \"refused\": {}, \"broken\": {}, \"seconds\": {:.3f}, "
        "\"per_second\": {:.0f}, \"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}}}\n",
        run.accepted,
        run.refused,
        run.broken,
        seconds,
        static_cast<double>(run.accepted) / seconds,
        quantile(run.waits, 0.5),
        quantile(run.waits, 0.99)
    );
    return run.refused + run.broken == 0 ? 0 : 1;
}
