// Next hops that take everything and keep nothing, several in one program. They look at what comes:
// whether each recipient belongs to that host, came once for each message, and with all of the
// content (see load_plan.hpp and bench_load.cpp).
// usage: bench_sink NAME=HOST:PORT...
// Prints "ready NAME=HOST:PORT...". Commands on standard input: "expect N" begins to count anew,
// and prints the counts once N recipients have come; "report" prints them now. Ends with its input.
#include "smtp/net/listener.hpp"
#include "smtp/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <unordered_set>

using namespace splitmx;
namespace net = smtp::net;
using smtp::ServerSession;

namespace {

constexpr std::string_view mark = "X-Bench: ";
constexpr std::size_t longest_trace = 64 * 1024;

struct Counts {
    std::size_t expected = 0;  // recipients; 0: nobody waits
    std::size_t messages = 0;
    std::size_t recipients = 0;
    std::size_t octets = 0;
    std::size_t misrouted = 0;
    std::size_t repeated = 0;
    std::size_t wrong_length = 0;
    std::size_t without_trace = 0;
    double last = 0;  // when the last one came; Python's time.monotonic()
    std::map<std::string, std::size_t> by_domain;
    std::unordered_set<std::uint64_t> seen;  // message and recipient
};

void print(Counts const& counts) {
    std::string domains;
    for (auto const& [name, count] : counts.by_domain) {
        domains += fmt::format("{}\"{}\": {}", domains.empty() ? "" : ", ", name, count);
    }
    fmt::print(
        "{{\"messages\": {}, \"recipients\": {}, \"octets\": {}, \"misrouted\": {}, "
        "\"repeated\": {}, \"wrong_length\": {}, \"without_trace\": {}, \"last\": {:.6f}, "
        "\"domains\": {{{}}}}}\n",
        counts.messages,
        counts.recipients,
        counts.octets,
        counts.misrouted,
        counts.repeated,
        counts.wrong_length,
        counts.without_trace,
        counts.last,
        domains
    );
    std::fflush(stdout);
}

std::uint64_t number_in(std::string_view text, std::size_t from) {
    std::uint64_t number = 0;
    if (from < text.size()) std::from_chars(text.data() + from, text.data() + text.size(), number);
    return number;
}

// One message as it comes. Trace fields stand before the line with the mark; what is behind them
// must be as long as that line says.
class Content {
public:
    void take(std::string const& chunk) {
        octets_ += chunk.size();
        if (start_ || head_.size() > longest_trace) return;
        head_ += chunk;
        auto const at = head_.starts_with(mark) ? 0 : find_mark();
        if (at == std::string::npos || head_.size() < at + mark.size() + 21) return;
        start_ = at;
        number_ = number_in(head_, at + mark.size());
        length_ = number_in(head_, at + mark.size() + 11);
    }
    std::uint64_t number() const { return number_; }
    std::size_t octets() const { return octets_; }
    bool is_whole() const { return start_ && octets_ - *start_ == length_; }
    bool has_trace() const { return head_.starts_with("Received: "); }

private:
    std::size_t find_mark() const {
        auto const at = head_.find("\nX-Bench: ");
        return at == std::string::npos ? at : at + 1;
    }

    std::string head_;
    std::optional<std::size_t> start_;
    std::size_t octets_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t length_ = 0;
};

void count(
    Counts& counts, std::string const& host, Content const& content, ServerSession const& of
) {
    ++counts.messages;
    counts.octets += content.octets();
    if (!content.has_trace()) ++counts.without_trace;
    if (!content.is_whole()) ++counts.wrong_length;
    for (auto const& recipient : of.transaction().recipients) {
        auto const address = recipient.path.to_wire();  // u17.east@adatum.com
        auto const at = address.find('@');
        auto const local = address.substr(0, at);
        ++counts.recipients;
        ++counts.by_domain[address.substr(at + 1)];
        if (local.substr(local.rfind('.') + 1) != host) ++counts.misrouted;
        auto const key = (content.number() << 20) + number_in(address, 1);
        if (!counts.seen.insert(key).second) ++counts.repeated;
    }
    if (counts.expected != 0 && counts.recipients >= counts.expected) {
        counts.expected = 0;
        auto const now = std::chrono::steady_clock::now().time_since_epoch();
        counts.last = std::chrono::duration<double>(now).count();
        print(counts);
    }
}

smtp::ServerSettings settings() {
    smtp::ServerSettings all;
    all.hostname = "sink.invalid";
    all.max_message = 1 << 30;
    all.max_messages = 1'000'000'000;
    all.max_recipients = 1'000'000;
    return all;
}

net::awaitable<void> serve(Counts& counts, std::string host, net::Connection connection) {
    static std::array<char, 64 * 1024> buffer;  // one loop
    ServerSession session(settings());
    Content content;
    for (;;) {
        switch (session.next()) {
            case ServerSession::Step::need_input: {
                auto const output = session.take_output();
                if (!output.empty()) {
                    auto const written = co_await connection.write_all(output);
                    if (!written) co_return;
                }
                auto const got = co_await connection.read_some(buffer);
                if (!got || *got == 0) co_return;
                session.feed({buffer.data(), *got});
                break;
            }
            case ServerSession::Step::verify_recipients:
                session.recipients_verified(std::vector<mail::Status>(
                    session.to_verify().size(), mail::Status(250, {1, 5}, "OK")
                ));
                break;
            case ServerSession::Step::store_body:
                content.take(session.take_body());
                break;
            case ServerSession::Step::finish_message:
                content.take(session.take_body());
                count(counts, host, content, session);
                content = Content();
                session.message_finished({250, {6, 0}, "Taken"});
                break;
            case ServerSession::Step::discard_message:
                content = Content();
                break;
            case ServerSession::Step::start_tls:    // offers neither this
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

void obey(Counts& counts, std::string const& command) {
    if (command.starts_with("expect ")) {
        counts = Counts();
        counts.expected = number_in(command, 7);
    } else {
        print(counts);
    }
}

void read_commands(
    boost::asio::io_context& loop,
    boost::asio::posix::stream_descriptor& input,
    std::string& pending,
    Counts& counts
) {
    auto const on_line = [&](boost::system::error_code error, std::size_t octets) {
        if (error) return loop.stop();
        auto const command = pending.substr(0, octets - 1);
        pending.erase(0, octets);
        obey(counts, command);
        read_commands(loop, input, pending, counts);
    };
    boost::asio::async_read_until(input, boost::asio::dynamic_buffer(pending), '\n', on_line);
}

net::Listener listen(boost::asio::io_context& loop, Counts& counts, std::string const& word) {
    auto const equals = word.find('=');
    auto const host = word.substr(0, equals);
    auto const where = net::Endpoint::parse(word.substr(equals + 1)).value();
    auto listener = net::Listener::open(where).value();
    net::ListenerCallbacks callbacks;
    callbacks.choose = [&loop](std::size_t) { return net::Seat{loop.get_executor()}; };
    callbacks.on_connection = [&loop, &counts, host](net::Connection connection) {
        auto session = serve(counts, host, std::move(connection));
        boost::asio::co_spawn(loop, std::move(session), boost::asio::detached);
    };
    callbacks.on_problem = [](std::string const& what) { fmt::print(stderr, "{}\n", what); };
    listener.start({loop.get_executor()}, std::move(callbacks));
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: bench_sink NAME=HOST:PORT...\n");
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context loop(1);
    Counts counts;
    std::vector<net::Listener> listeners;
    std::string ready = "ready";
    for (int i = 1; i < argc; ++i) {
        std::string const word = argv[i];
        listeners.push_back(listen(loop, counts, word));
        ready += fmt::format(
            " {}={}", word.substr(0, word.find('=')), listeners.back().endpoint().to_text()
        );
    }
    boost::asio::posix::stream_descriptor input(loop, STDIN_FILENO);
    std::string pending;
    read_commands(loop, input, pending, counts);
    fmt::print("{}\n", ready);
    std::fflush(stdout);
    loop.run();
}
