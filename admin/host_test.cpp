#include "admin/host_test.hpp"

#include "admin/ask_dns.hpp"
#include "dns/resolver.hpp"
#include "mail/mailbox.hpp"
#include "smtp/client_session.hpp"
#include "smtp/net/candidates.hpp"
#include "smtp/net/connector.hpp"
#include "smtp/net/watchdog.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

namespace splitmx::admin {

namespace {

namespace net = smtp::net;
using smtp::ClientSession;

constexpr mail::Duration longest_wait{30'000};

class Stopwatch {
public:
    // Since the last call, or the beginning.
    mail::Duration lap() {
        auto const now = std::chrono::steady_clock::now();
        auto const passed = std::chrono::round<mail::Duration>(now - last_);
        last_ = now;
        return passed;
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct ToDial {
    net::ConfiguredEndpoint operator()(resolver::NamedEndpoint const& named) const {
        return net::NamedHost{named.name, named.port};
    }
    net::ConfiguredEndpoint operator()(resolver::AddressEndpoint const& direct) const {
        return net::Endpoint(direct.address, direct.port);
    }
    net::ConfiguredEndpoint operator()(resolver::MxEndpoint const& mx) const {
        return net::MxDomain{mx.domain};
    }
    net::ConfiguredEndpoint operator()(resolver::UnixEndpoint const& local) const {
        return net::UnixSocket(local.path);
    }
};

void add_lines(
    AddressTest& test,
    HostTestLine::Kind kind,
    std::optional<mail::Duration> after,
    std::string_view octets
) {
    while (!octets.empty()) {
        auto const end = std::min(octets.find('\n'), octets.size());
        auto line = octets.substr(0, end);
        octets.remove_prefix(std::min(octets.size(), end + 1));
        while (line.ends_with('\r')) line.remove_suffix(1);
        test.lines.push_back({kind, std::exchange(after, std::nullopt), mail::to_log_text(line)});
    }
}

// The dialogue with one address, up to QUIT.
class Dialogue {
public:
    Dialogue(AddressTest& test, net::Connection connection, smtp::ClientSettings settings)
        : test_(test),
          connection_(std::move(connection)),
          watchdog_(connection_),
          session_(std::move(settings)) {}

    net::awaitable<void> run();

private:
    using Kind = HostTestLine::Kind;

    net::awaitable<bool> exchange();
    void lost();

    AddressTest& test_;
    net::Connection connection_;
    net::Watchdog watchdog_;
    ClientSession session_;
    Stopwatch watch_;
    std::string received_;  // the beginning of a line
    std::array<char, 4096> buffer_{};
};

net::awaitable<void> Dialogue::run() {
    bool open = true;
    while (open) {
        auto const step = session_.next();
        if (step == ClientSession::Step::idle) {
            test_.works = true;
            session_.quit();
        } else if (step == ClientSession::Step::need_reply) {
            open = co_await exchange();
        } else {
            open = false;
        }
    }
    auto const& failure = session_.failure();
    if (failure) add_lines(test_, Kind::note, watch_.lap(), failure->text);
    connection_.close();
}

net::awaitable<bool> Dialogue::exchange() {
    auto const output = session_.take_output();
    watchdog_.set(session_.time_limit());
    if (!output.empty()) {
        add_lines(test_, Kind::sent, std::nullopt, output);
        auto const written = co_await connection_.write_all(output);
        if (!written) lost();
    }
    std::span<char> const into(buffer_);
    auto const got = co_await connection_.read_some(into);
    if (!got || *got == 0) {
        lost();
        co_return true;
    }
    std::string_view const octets(buffer_.data(), *got);
    received_ += octets;
    auto const whole = received_.rfind('\n');
    if (whole != std::string::npos) {
        add_lines(test_, Kind::received, watch_.lap(), received_.substr(0, whole + 1));
        received_.erase(0, whole + 1);
    }
    session_.feed(octets);
    co_return true;
}

void Dialogue::lost() {
    session_.connection_lost(watchdog_.expired() ? "Timed out" : "The connection was lost");
}

// All that one test needs while it runs; its coroutines refer to it.
class Dialling {
public:
    Dialling(
        dns::Resolver resolver, resolver::Host const& host, config::Config const& config, HostTest& test
    )
        : dns_(std::move(resolver)), host_(host), config_(config), test_(test) {}

    net::awaitable<void> run();

private:
    net::awaitable<void> dial(net::Candidate candidate);
    net::SelfTest self() const;
    smtp::ClientSettings settings() const;

    dns::Resolver dns_;
    resolver::Host const& host_;
    config::Config const& config_;
    HostTest& test_;
};

net::SelfTest Dialling::self() const {
    auto const& own = config_.routing.self;
    net::SelfTest self;
    self.is_own_name = [&own](mail::Domain const& name, std::uint16_t port) {
        return own.listens_on(port) && own.has_name(name);
    };
    self.is_own_address = [&own](mail::IpAddress const& address, std::uint16_t port) {
        return own.listens_on(port) && own.has_address(address);
    };
    return self;
}

smtp::ClientSettings Dialling::settings() const {
    smtp::ClientSettings settings;
    settings.hostname = config_.server.hostname.text();
    settings.lmtp = host_.protocol == resolver::Protocol::lmtp;
    settings.longest_wait = longest_wait;
    return settings;
}

net::awaitable<void> Dialling::run() {
    Stopwatch watch;
    std::vector<net::ConfiguredEndpoint> endpoints;
    for (auto const& address : host_.addresses) {
        endpoints.push_back(std::visit(ToDial{}, address.endpoint));
    }
    auto const is_self = self();
    auto const answer = co_await net::candidates_for(dns_, std::move(endpoints), is_self);
    test_.lookup = watch.lap();
    if (auto const* none = std::get_if<net::NoCandidates>(&answer)) {
        auto const status = none->status();
        test_.trouble = fmt::format("{} ({})", status.text, none->detail);
        test_.is_permanent = status.is_permanent();
        co_return;
    }
    for (auto const& candidate : std::get<std::vector<net::Candidate>>(answer)) {
        co_await dial(candidate);
    }
}

net::awaitable<void> Dialling::dial(net::Candidate candidate) {
    Stopwatch watch;
    AddressTest test;
    test.name = candidate.text;
    auto const prefix = test.name + ": ";
    std::vector<net::Candidate> one(1, std::move(candidate));
    auto outcome = co_await net::connect(std::move(one), longest_wait, 0);
    auto const after = watch.lap();
    if (outcome.connection) {
        test.lines.push_back({HostTestLine::Kind::note, after, "connected"});
        Dialogue dialogue(test, std::move(*outcome.connection), settings());
        co_await dialogue.run();
    } else {
        auto text = outcome.failures.empty() ? "no connection" : outcome.failures.front().text;
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
        test.lines.push_back({HostTestLine::Kind::note, after, std::move(text)});
    }
    test_.addresses.push_back(std::move(test));
}

std::string seconds(mail::Duration duration) {
    return fmt::format("{:>7.3f} s", std::chrono::duration<double>(duration).count());
}

std::string line_text(HostTestLine const& line) {
    auto const when = line.after ? seconds(*line.after) : std::string(9, ' ');
    switch (line.kind) {
        case HostTestLine::Kind::note:
            return fmt::format("{}  {}\n", when, line.text);
        case HostTestLine::Kind::sent:
            return fmt::format("{}  > {}\n", when, line.text);
        case HostTestLine::Kind::received:
            break;
    }
    return fmt::format("{}  < {}\n", when, line.text);
}

}  // namespace

bool HostTest::works() const {
    return std::any_of(addresses.begin(), addresses.end(), [](auto const& one) {
        return one.works;
    });
}

mail::Result<HostTest> test_host(
    std::string const& name, resolver::Host const& host, config::Config const& config
) {
    HostTest test;
    test.host = name;
    for (auto const& address : host.addresses) {
        test.configured += (test.configured.empty() ? "" : ", ") + address.text;
    }
    test.configured = fmt::format("{} {}", resolver::to_text(host.protocol), test.configured);
    boost::asio::io_context loop{1};
    auto made = dns::Resolver::create(loop.get_executor(), dns_settings(config.dns));
    if (!made) return made.error();
    Dialling dialling(std::move(*made), host, config, test);
    boost::asio::co_spawn(loop, dialling.run(), [&loop](std::exception_ptr) { loop.stop(); });
    loop.run();
    return test;
}

std::string to_text(HostTest const& test) {
    auto text = fmt::format("{}  {}\n", test.host, test.configured);
    if (!test.trouble.empty()) {
        return text + fmt::format(
                          "{}  no address: {}\n\n{} takes no mail\n",
                          seconds(test.lookup),
                          test.trouble,
                          test.host
                      );
    }
    auto const count = test.addresses.size();
    text += fmt::format(
        "{}  {} address{}\n", seconds(test.lookup), count, count == 1 ? "" : "es"
    );
    std::size_t working = 0;
    for (auto const& one : test.addresses) {
        text += fmt::format("\n{}\n", one.name);
        for (auto const& line : one.lines) text += line_text(line);
        working += one.works ? 1 : 0;
    }
    auto const what = working == count ? "takes mail" : "takes mail, but not everywhere";
    text += fmt::format("\n{} {}", test.host, working == 0 ? "takes no mail" : what);
    if (count > 1) text += fmt::format(": {} of {} addresses work", working, count);
    return text + "\n";
}

}  // namespace splitmx::admin
