#include "dns/resolver.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include "dns/cache.hpp"
#include "dns/engine.hpp"
#include "dns/hosts_file.hpp"

namespace splitmx::dns {

namespace {

using Clock = std::chrono::steady_clock;
using RecordsList = std::vector<RecordsPtr>;

constexpr std::chrono::seconds resolv_conf_check{30};

// RFC 6761 6.3: these names never leave the machine.
bool is_localhost(std::string const& name) {
    return name == "localhost" || name.ends_with(".localhost");
}

Addresses loopback_addresses() {
    std::array<std::uint8_t, 16> six{};
    six.back() = 1;
    return {mail::IpAddress::from_v6(six), mail::IpAddress::from_v4({127, 0, 0, 1})};
}

void put_v6_first(Addresses& addresses) {
    std::stable_partition(addresses.begin(), addresses.end(), [](auto const& address) {
        return !address.is_v4();
    });
}

AddressAnswer to_address_answer(RecordsList const& list) {
    Addresses addresses;
    std::string why;
    for (auto const& records : list) {
        for (auto const& data : records->data) {
            if (auto const address = address_of(data)) addresses.push_back(*address);
        }
        if (records->outcome == Records::Outcome::failed) why = records->why;
    }
    put_v6_first(addresses);
    if (!addresses.empty()) return addresses;
    if (!why.empty()) return Temporary(why);
    return NoSuchName{};
}

MxAnswer to_exchangers(Records const& records) {
    MailExchangers exchangers;
    bool null_mx = false;
    for (auto const& data : records.data) {
        auto const mx = mx_of(data);
        if (!mx) continue;
        if (mx->host.empty()) {
            null_mx = true;
        } else if (auto host = mail::Domain::parse(mx->host); host && !host->is_literal()) {
            exchangers.push_back(MailExchanger{mx->preference, std::move(*host)});
        }
    }
    // RFC 7505 3: it stands alone; beside others it means nothing.
    if (exchangers.empty() && null_mx) return NullMx{};
    if (exchangers.empty()) return Temporary("no mail exchanger is a valid name");
    thread_local std::minstd_rand random{std::random_device{}()};
    std::shuffle(exchangers.begin(), exchangers.end(), random);
    std::stable_sort(exchangers.begin(), exchangers.end(), [](auto const& a, auto const& b) {
        return a.preference < b.preference;
    });
    return exchangers;
}

MxAnswer to_mx_answer(Records const& records) {
    switch (records.outcome) {
        case Records::Outcome::found:
            return to_exchangers(records);
        case Records::Outcome::no_data:
            return NoMx{};
        case Records::Outcome::no_such_name:
            return NoSuchName{};
        case Records::Outcome::failed:
            break;
    }
    return Temporary(records.why);
}

}  // namespace

class Resolver::Core : public std::enable_shared_from_this<Core> {
public:
    Core(Executor loop, Settings settings, Engine engine)
        : loop_(std::move(loop)),
          settings_(std::move(settings)),
          hosts_(settings_.hosts_file),
          engine_(std::move(engine)) {}

    Addresses from_hosts(std::string const& name) {
        Addresses addresses = hosts_.find(name);
        put_v6_first(addresses);
        return addresses;
    }

    awaitable<RecordsList> query(std::vector<Question> questions);

private:
    void ask(Question const& question, Cache::Handler handler);
    void fetch(Question const& question);
    void follow_resolv_conf();

    Executor loop_;
    Settings settings_;
    Cache cache_;
    HostsFile hosts_;
    // From here on: the loop's thread only.
    Engine engine_;
    FileStamp resolv_conf_seen_ = FileStamp::of(resolv_conf);
    Clock::time_point resolv_conf_next_ = Clock::now() + resolv_conf_check;
};

namespace {

// One asker with several questions: resumed on its own loop when the last answer is there.
template <class Handler>
struct Asker {
    Asker(Handler its_handler, std::size_t questions)
        : handler(std::move(its_handler)), list(questions), open(questions) {}

    Handler handler;
    RecordsList list;
    std::atomic<std::size_t> open;
};

}  // namespace

awaitable<RecordsList> Resolver::Core::query(std::vector<Question> questions) {
    auto start = [](auto handler, std::shared_ptr<Core> self, std::vector<Question> all) {
        auto const loop = asio::get_associated_executor(handler, self->loop_);
        auto const asker =
            std::make_shared<Asker<decltype(handler)>>(std::move(handler), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            self->ask(all[i], [asker, loop, i](RecordsPtr records) {
                asker->list[i] = std::move(records);
                if (--asker->open > 0) return;
                asio::post(loop, [asker] { std::move(asker->handler)(std::move(asker->list)); });
            });
        }
    };
    return asio::async_initiate<asio::use_awaitable_t<> const, void(RecordsList)>(
        start, asio::use_awaitable, shared_from_this(), std::move(questions)
    );
}

void Resolver::Core::ask(Question const& question, Cache::Handler handler) {
    if (!cache_.ask(question, std::move(handler), Clock::now())) return;
    asio::post(loop_, [weak = weak_from_this(), question] {
        if (auto const self = weak.lock()) self->fetch(question);
    });
}

void Resolver::Core::fetch(Question const& question) {
    follow_resolv_conf();
    engine_.ask(question, settings_.timeout, [weak = weak_from_this(), question](Records records) {
        auto const self = weak.lock();
        if (self) self->cache_.settle(question, std::move(records), Clock::now());
    });
}

// A machine that moves to another network gets other servers. The library takes them at its start
// only, so it starts anew when nothing is under way.
void Resolver::Core::follow_resolv_conf() {
    auto const now = Clock::now();
    if (!settings_.servers.empty() || now < resolv_conf_next_ || !engine_.is_idle()) return;
    resolv_conf_next_ = now + resolv_conf_check;
    auto const stamp = FileStamp::of(resolv_conf);
    if (stamp == resolv_conf_seen_) return;
    resolv_conf_seen_ = stamp;
    auto engine = Engine::create(loop_, settings_.servers, settings_.dnssec);
    if (engine) engine_ = std::move(*engine);
}

mail::Result<Resolver> Resolver::create(Executor loop, Settings settings) {
    auto engine = Engine::create(loop, settings.servers, settings.dnssec);
    if (!engine) return engine.error();
    return Resolver(std::make_shared<Core>(std::move(loop), std::move(settings), std::move(*engine))
    );
}

Resolver::Resolver(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;
Resolver::~Resolver() = default;

awaitable<AddressAnswer> Resolver::addresses(mail::Domain name) {
    if (name.is_literal()) co_return Addresses(1, *name.address());
    auto known = core_->from_hosts(name.text());
    if (!known.empty()) co_return known;
    if (is_localhost(name.text())) co_return loopback_addresses();
    std::vector<Question> questions;
    questions.emplace_back(name.text(), RecordType::aaaa);
    questions.emplace_back(name.text(), RecordType::a);
    auto const list = co_await core_->query(std::move(questions));
    co_return to_address_answer(list);
}

awaitable<MxAnswer> Resolver::mail_exchangers(mail::Domain domain) {
    if (domain.is_literal() || is_localhost(domain.text())) co_return NoMx{};
    std::vector<Question> questions(1, Question(domain.text(), RecordType::mx));
    auto const list = co_await core_->query(std::move(questions));
    co_return to_mx_answer(*list.front());
}

}  // namespace splitmx::dns
