// A closed loop of clients: every connection sends its next message as soon as the last one was
// answered. Prints what was accepted and how long the answers took; bench_sink says what arrived.
// usage: bench_load to=HOST:PORT [connections=50] [messages=1000] [octets=4096] [recipients=1]
//            [people=1000] [hosts=east,west] [domain=adatum.com] [first=0] [each=0]
//            [larger_every=0] [larger=65536]
// each=1: a connection for each message. Message number n, from `first` on, has `recipients`
// recipients, and says in its first line "X-Bench: n octets". Every `larger_every`-th one has
// `larger` octets.
#include "smtp/client_session.hpp"
#include "smtp/data_writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <csignal>

#include "bench/load_plan.hpp"

using namespace splitmx;
namespace net = smtp::net;
using Clock = std::chrono::steady_clock;
using smtp::ClientSession;

namespace {

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double now_in_seconds() {  // Python's time.monotonic()
    return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

// Everything about the content but its first line, which is as long for every number.
std::string make_rest(std::size_t octets) {
    std::string rest =
        "From: bench@outside.example\r\nTo: people@adatum.com\r\nSubject: bench\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <bench@outside.example>\r\n\r\n";
    while (rest.size() + 78 < octets) rest += std::string(76, 'x') + "\r\n";
    return rest;
}

struct Run {
    net::Endpoint to;
    bench::People people;
    std::size_t next;  // the number of the next message
    std::size_t end;
    std::size_t recipients;
    bool each;
    std::string rest;
    std::string larger_rest;
    std::size_t larger_every;              // 0: none
    std::vector<double> envelope_waits{};  // ms from MAIL to the reply to DATA
    std::vector<double> final_waits{};     // ms from the content to its reply
    std::size_t accepted = 0;              // messages, every recipient of which was
    std::size_t refused = 0;
    std::size_t broken = 0;

    bool is_over() const { return next >= end; }
    std::string const& rest_of(std::size_t number) const {
        return larger_every != 0 && number % larger_every == 0 ? larger_rest : rest;
    }
};

class Client {
public:
    Client(Run& run, net::Connection connection)
        : run_(run), connection_(std::move(connection)), session_({"bench.invalid", false}) {}

    net::awaitable<void> serve() {
        auto step = co_await pump();
        while (!run_.is_over() &&
               (step == ClientSession::Step::idle || step == ClientSession::Step::done)) {
            step = co_await send(run_.next++);
            if (run_.each) break;
        }
        if (step == ClientSession::Step::closed) {
            ++run_.broken;
            co_return;
        }
        session_.quit();
        co_await pump();
    }

private:
    smtp::Delivery delivery_of(std::size_t number, std::size_t size) const {
        smtp::Delivery delivery;
        delivery.from = mail::ReversePath::parse("bench@outside.example").value();
        for (std::size_t i = 0; i < run_.recipients; ++i) {
            delivery.recipients.emplace_back(run_.people.address(number * run_.recipients + i));
        }
        delivery.size = size;
        return delivery;
    }

    net::awaitable<ClientSession::Step> send(std::size_t number) {
        auto const& rest = run_.rest_of(number);
        auto const line = fmt::format("X-Bench: {:010} {:010}\r\n", number, rest.size() + 32);
        auto start = Clock::now();
        auto delivery = delivery_of(number, line.size() + rest.size());
        session_.begin(std::move(delivery));
        auto step = co_await pump();
        if (step == ClientSession::Step::send_content) {
            run_.envelope_waits.push_back(milliseconds_since(start));
            smtp::DataWriter writer;
            std::vector<std::string_view> pieces;
            writer.write(line, pieces);
            writer.write(rest, pieces);
            writer.finish(pieces);
            co_await connection_.write_all(pieces);
            start = Clock::now();
            session_.content_sent();
            step = co_await pump();
        }
        if (step == ClientSession::Step::done) {
            run_.final_waits.push_back(milliseconds_since(start));
            auto const& outcomes = session_.outcomes();
            auto const good = std::all_of(outcomes.begin(), outcomes.end(), [](auto const& one) {
                return one.is_positive();
            });
            ++(good ? run_.accepted : run_.refused);
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

net::awaitable<void> client(Run& run) {
    do {
        co_await bench::serve_one<Client>(run);
    } while (run.each && !run.is_over() && run.broken == 0);
}

void print(Run& run, double start) {
    double const end = now_in_seconds();
    fmt::print(
        "{{\"accepted\": {}, \"refused\": {}, \"broken\": {}, \"start\": {:.6f}, \"end\": {:.6f}, "
        "\"rcpt_p50_ms\": {:.3f}, \"rcpt_p99_ms\": {:.3f}, "
        "\"final_p50_ms\": {:.3f}, \"final_p99_ms\": {:.3f}}}\n",
        run.accepted,
        run.refused,
        run.broken,
        start,
        end,
        bench::quantile(run.envelope_waits, 0.5),
        bench::quantile(run.envelope_waits, 0.99),
        bench::quantile(run.final_waits, 0.5),
        bench::quantile(run.final_waits, 0.99)
    );
}

}  // namespace

int main(int argc, char** argv) {
    bench::Arguments const given(argc, argv);
    auto const to = net::Endpoint::parse(given.text("to", ""));
    if (!to) {
        fmt::print(stderr, "usage: bench_load to=HOST:PORT [NAME=VALUE]...; see bench_load.cpp\n");
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    auto const first = given.number("first", 0);
    Run run{
        *to,
        bench::People(given),
        first,
        first + given.number("messages", 1000),
        given.number("recipients", 1),
        given.number("each", 0) != 0,
        make_rest(given.number("octets", 4096)),
        make_rest(given.number("larger", 65536)),
        given.number("larger_every", 0)};
    boost::asio::io_context loop(1);
    auto const start = now_in_seconds();
    for (std::size_t i = 0; i < given.number("connections", 50); ++i) {
        boost::asio::co_spawn(loop, client(run), boost::asio::detached);
    }
    loop.run();
    print(run, start);
    return run.refused + run.broken == 0 ? 0 : 1;
}
