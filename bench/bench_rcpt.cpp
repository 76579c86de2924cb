// Clients that do nothing but ask: bursts of pipelined RCPT commands, a transaction each, and never
// a message. Prints how many were answered, with which code, and how long a burst took.
// usage: bench_rcpt to=HOST:PORT [connections=10] [recipients=100000] [burst=100] [known=1]
//            [people=1000] [hosts=east,west] [domain=adatum.com]
// known=0: addresses that nobody has.

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

namespace {

struct Run {
    net::Endpoint to;
    bench::People people;
    std::size_t left;
    std::size_t burst;
    bool known;
    std::size_t number = 0;  // of the next recipient
    std::map<std::string, std::size_t> codes{};
    std::vector<double> waits{};  // ms from a burst to its last reply
    std::size_t broken = 0;
};

class Client {
public:
    Client(Run& run, net::Connection connection) : run_(run), connection_(std::move(connection)) {}

    net::awaitable<void> serve() {
        bool good = co_await replies(1, false);
        if (good) good = co_await say("EHLO bench.invalid\r\n", 1, false);
        while (good && run_.left > 0) {
            auto const count = std::min(run_.burst, run_.left);
            run_.left -= count;
            auto const start = Clock::now();
            good = co_await say("RSET\r\nMAIL FROM:<bench@outside.example>\r\n", 2, false);
            if (!good) break;
            auto const commands = recipients(count);
            good = co_await say(commands, count, true);
            std::chrono::duration<double, std::milli> const took = Clock::now() - start;
            run_.waits.push_back(took.count());
        }
        if (!good) ++run_.broken;
    }

private:
    std::string recipients(std::size_t count) {
        std::string commands;
        for (std::size_t i = 0; i < count; ++i) {
            auto const number = run_.number++;
            auto const name = run_.known ? run_.people.address(number)
                                         : fmt::format("nobody{}@adatum.com", number);
            commands += "RCPT TO:<" + name + ">\r\n";
        }
        return commands;
    }

    net::awaitable<bool> say(std::string_view commands, std::size_t count, bool counted) {
        auto const written = co_await connection_.write_all(commands);
        if (!written) co_return false;
        bool const good = co_await replies(count, counted);
        co_return good;
    }

    net::awaitable<bool> replies(std::size_t count, bool counted) {
        while (count > 0) {
            auto const end = got_.find('\n');
            if (end != std::string::npos) {
                if (end > 3 && got_[3] == ' ') {
                    --count;
                    if (counted) ++run_.codes[got_.substr(0, 3)];
                }
                got_.erase(0, end + 1);
                continue;
            }
            auto const octets = co_await connection_.read_some(buffer_);
            if (!octets || *octets == 0) co_return false;
            got_.append(buffer_.data(), *octets);
        }
        co_return true;
    }

    Run& run_;
    net::Connection connection_;
    std::string got_;
    std::array<char, 16 * 1024> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
    bench::Arguments const given(argc, argv);
    auto const to = net::Endpoint::parse(given.text("to", ""));
    if (!to) {
        fmt::print(stderr, "usage: bench_rcpt to=HOST:PORT [NAME=VALUE]...; see bench_rcpt.cpp\n");
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    Run run{
        *to,
        bench::People(given),
        given.number("recipients", 100'000),
        given.number("burst", 100),
        given.number("known", 1) != 0};
    boost::asio::io_context loop(1);
    auto const start = Clock::now();
    for (std::size_t i = 0; i < given.number("connections", 10); ++i) {
        boost::asio::co_spawn(loop, bench::serve_one<Client>(run), boost::asio::detached);
    }
    loop.run();
    double const seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::string codes;
    for (auto const& [code, count] : run.codes) {
        codes += fmt::format("{}\"{}\": {}", codes.empty() ? "" : ", ", code, count);
    }
    fmt::print(
        "{{\"codes\": {{{}}}, \"broken\": {}, \"seconds\": {:.6f}, "
        "\"rcpt_p50_ms\": {:.3f}, \"rcpt_p99_ms\": {:.3f}}}\n",
        codes,
        run.broken,
        seconds,
        bench::quantile(run.waits, 0.5),
        bench::quantile(run.waits, 0.99)
    );
    return run.broken == 0 ? 0 : 1;
}
