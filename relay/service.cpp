#include "relay/service.hpp"

#include "config/machine.hpp"
#include "relay/descriptors.hpp"
#include "relay/directory_news.hpp"
#include "relay/host_log.hpp"
#include "relay/inbound_session.hpp"
#include "relay/queue_desk.hpp"
#include "relay/recovery.hpp"
#include "relay/second_pass.hpp"
#include "relay/worker.hpp"
#include "smtp/net/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;

directory::ServiceObserver observer_of(observe::Log& log, DirectoryNews& news) {
    directory::ServiceObserver observer;
    observer.connection = [&log](std::string const& name, std::string const& text, bool up) {
        log.write(observe::DirectoryChanged{
            name, up ? observe::DirectoryState::up : observe::DirectoryState::down, text});
    };
    observer.ambiguous = [&log](mail::Mailbox const& address, auto const& names) {
        observe::AmbiguousAddress event{address.to_wire(), {}};
        for (auto const& name : names) event.entries.push_back(name.text);
        log.write(event);
    };
    observer.note = [&log](std::string const& name, std::string const& text, bool alarm) {
        log.write(observe::DirectoryNote{name, text, alarm});
    };
    observer.changed = [&news](std::vector<mail::Mailbox> const& changed) { news.tell(changed); };
    return observer;
}

bool may_connect(config::Listener const& listener, mail::IpAddress const& client) {
    return listener.allow.empty() ||
           std::any_of(listener.allow.begin(), listener.allow.end(), [&](auto const& network) {
               return network.contains(client);
           });
}

mail::Status too_busy(net::AdmissionRefusal refusal) {
    return refusal == net::AdmissionRefusal::too_many
               ? mail::Status(421, {3, 2}, "Too many connections, try again later")
               : mail::Status(421, {7, 0}, "Too many connections from you, try again later");
}

}  // namespace

// Declared in the order of starting; destroyed in the reverse.
class Service::Running {
public:
    static mail::Result<std::unique_ptr<Running>> create(
        config::Config config, std::string version
    );
    ~Running() { shut_down(); }

    std::vector<std::string> endpoints() const;
    void run();

private:
    explicit Running(config::Config config) : config_(std::move(config)) {}

    mail::Result<void> open_log();
    mail::Result<void> open_spool();
    mail::Result<void> open_listeners();
    mail::Result<void> start_directory();
    mail::Result<void> start_dns();
    mail::Result<void> start_workers();
    void recover();
    std::vector<Worker*> worker_list() const;
    void start_listeners();
    Worker& least_busy();
    void accept(config::Listener const& listener, net::Connection connection);
    void drain();
    void wait_for_rest();
    void shut_down();

    struct Opened {
        config::Listener const* listener;
        net::Listener socket;
    };

    config::Config config_;
    asio::io_context main_{1};
    // From the beginning: a signal during the start must not kill what has opened.
    asio::signal_set endings_{main_, SIGTERM, SIGINT};
    asio::signal_set reloads_{main_, SIGHUP};
    asio::thread_pool disk_{2};
    std::unique_ptr<observe::Log> log_;
    std::unique_ptr<spool::LmdbStore> store_;
    std::unique_ptr<spool::SpoolIdSource> ids_;
    spool::SpoolId last_of_earlier_run_;
    std::unique_ptr<spool::SpoolThread> spool_;
    std::unique_ptr<net::Admission> admission_;
    std::unique_ptr<HostBook> hosts_;
    DamageNotices damage_notices_;
    std::optional<dns::Resolver> dns_;
    DirectoryNews news_;
    std::unique_ptr<directory::DirectoryService> directory_;
    Present<Settings> present_;
    std::unique_ptr<Parts> parts_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<QueueDesk> desk_;
    std::unique_ptr<Recovery> recovery_;
    std::vector<Opened> listeners_;
    std::vector<config::Listener> own_listeners_;
    asio::steady_timer rest_timer_{main_};
    std::chrono::steady_clock::time_point drain_until_;
    bool draining_ = false;
    bool down_ = false;
};

mail::Result<std::unique_ptr<Service::Running>> Service::Running::create(
    config::Config config, std::string version
) {
    std::unique_ptr<Running> running(new Running(std::move(config)));
    if (auto const done = running->open_log(); !done) return done.error();
    running->log_->write(observe::ServerStarted{std::move(version), running->config_.file.string()}
    );
    if (auto const done = running->open_spool(); !done) return done.error();
    if (auto const done = running->open_listeners(); !done) return done.error();
    if (auto const done = running->start_directory(); !done) return done.error();
    if (auto const done = running->start_dns(); !done) return done.error();
    if (auto const done = running->start_workers(); !done) return done.error();
    running->start_listeners();
    running->recover();
    return running;
}

mail::Result<void> Service::Running::open_log() {
    observe::LogSettings settings;
    settings.level = log_level(config_.log.level);
    settings.file = config_.log.file;
    auto log = observe::Log::open(std::move(settings));
    if (!log) return log.error();
    log_ = std::move(log.value());
    return {};
}

mail::Result<void> Service::Running::open_spool() {
    std::error_code failure;
    for (auto const& directory : {config_.server.state_dir, config_.spool.path}) {
        std::filesystem::create_directories(directory, failure);
        if (!failure) continue;
        return mail::Error{"cannot make " + directory.string() + ": " + failure.message(), 0};
    }
    spool::LmdbStore::Options options;
    options.map_size = config_.spool.map_size;
    auto store = spool::LmdbStore::open(config_.spool.path, std::move(options));
    if (!store) return mail::Error{store.error().what, 0};
    store_ = std::move(store.value());
    last_of_earlier_run_ = store_->last_id();
    ids_ = std::make_unique<spool::SpoolIdSource>(last_of_earlier_run_);
    spool_ = std::make_unique<spool::SpoolThread>(*store_);
    return {};
}

// Binds every address before anything else starts: a port in use must not leave half a relay.
mail::Result<void> Service::Running::open_listeners() {
    own_listeners_ = config_.listeners;
    for (auto const& listener : own_listeners_) {
        for (auto const& endpoint : listener.addresses) {
            net::Endpoint where(endpoint.address, endpoint.port);
            auto socket = net::Listener::open(main_.get_executor(), where);
            if (!socket) return mail::Error{listener.source + ": " + socket.error().what, 0};
            auto const port = socket.value().endpoint().port;
            if (!config_.routing.self.listens_on(port)) config_.routing.self.ports.push_back(port);
            listeners_.push_back({&listener, std::move(socket.value())});
        }
    }
    config::add_machine(config_);
    return {};
}

mail::Result<void> Service::Running::start_directory() {
    auto started = directory::DirectoryService::start(config_, observer_of(*log_, news_));
    if (!started) return started.error();
    directory_ = std::move(started.value());
    return {};
}

mail::Result<void> Service::Running::start_dns() {
    auto dns = dns::Resolver::create(main_.get_executor(), dns_settings(config_.dns));
    if (!dns) return dns.error();
    dns_.emplace(std::move(dns.value()));
    return {};
}

mail::Result<void> Service::Running::start_workers() {
    admission_ = std::make_unique<net::Admission>(admission_limits(config_.limits));
    auto const connections = outbound_limit(raise_descriptor_limit(), config_.limits.connections);
    auto const report = [this](HostChanged const& change, std::size_t messages) {
        log_host_change(*log_, change, messages);
    };
    hosts_ = std::make_unique<HostBook>(connections, report);
    present_.set(make_settings(config_, *directory_, *dns_, 1));
    auto const key = load_pass_key(config_.server.state_dir / "pass-key");
    if (!key) return key.error();
    parts_.reset(new Parts{
        present_,
        *store_,
        *spool_,
        *ids_,
        *admission_,
        *log_,
        *hosts_,
        damage_notices_,
        disk_,
        *key});
    auto const loops = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < loops; ++i) workers_.push_back(std::make_unique<Worker>(*parts_));
    desk_ = std::make_unique<QueueDesk>(*parts_, worker_list());
    if (auto const done = desk_->restore_pauses(); !done) return done.error();
    for (auto& worker : workers_) worker->start();
    news_.listen(worker_list());
    return {};
}

std::vector<Worker*> Service::Running::worker_list() const {
    std::vector<Worker*> all;
    for (auto const& worker : workers_) all.push_back(worker.get());
    return all;
}

// Nothing waits for it: new mail comes in meanwhile.
void Service::Running::recover() {
    auto const done = [this] { desk_->recovery_ended(); };
    recovery_ = std::make_unique<Recovery>(*parts_, worker_list(), last_of_earlier_run_, done);
}

Worker& Service::Running::least_busy() {
    auto const fewest =
        std::min_element(workers_.begin(), workers_.end(), [](auto const& a, auto const& b) {
            return a->sessions() < b->sessions();
        });
    return **fewest;
}

void Service::Running::start_listeners() {
    for (auto& opened : listeners_) {
        auto const* listener = opened.listener;
        log_->write(observe::ListenerOpened{listener->name, opened.socket.endpoint().to_text()});
        net::ListenerCallbacks callbacks;
        callbacks.choose = [this] { return least_busy().loop().get_executor(); };
        callbacks.on_connection = [this, listener](net::Connection connection) {
            accept(*listener, std::move(connection));
        };
        callbacks.on_problem = [this](std::string const& what) { log_->warn("listen", what); };
        opened.socket.start(std::move(callbacks));
    }
}

// On the loop that the connection was given to.
void Service::Running::accept(config::Listener const& listener, net::Connection connection) {
    auto const executor = connection.executor();
    // Executors of one loop need not be equal; the loop they belong to is.
    auto const& loop = asio::query(executor, asio::execution::context);
    auto const worker = std::find_if(workers_.begin(), workers_.end(), [&](auto const& one) {
        return &one->loop() == &loop;
    });
    if (worker == workers_.end()) return;
    auto const client = connection.peer() ? connection.peer()->address : mail::IpAddress();
    std::optional<net::Admission::Ticket> ticket;
    std::optional<mail::Status> refusal;
    if (!may_connect(listener, client)) {
        refusal.emplace(554, mail::EnhancedCode{7, 1}, "You may not connect here");
    } else {
        auto answer = admission_->admit(client);
        if (auto* admitted = std::get_if<net::Admission::Ticket>(&answer)) {
            ticket.emplace(std::move(*admitted));
        } else {
            refusal = too_busy(std::get<net::AdmissionRefusal>(answer));
        }
    }
    auto session = std::make_shared<InboundSession>(
        **worker, listener.name, std::move(connection), std::move(ticket)
    );
    asio::co_spawn(
        executor, InboundSession::serve(std::move(session), std::move(refusal)), asio::detached
    );
}

std::vector<std::string> Service::Running::endpoints() const {
    std::vector<std::string> all;
    for (auto const& opened : listeners_) all.push_back(opened.socket.endpoint().to_text());
    return all;
}

void Service::Running::run() {
    endings_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        log_->write(observe::ServerStopping{signal == SIGTERM ? "SIGTERM" : "SIGINT"});
        drain();
    });
    std::function<void(boost::system::error_code, int)> const ignore =
        [&](boost::system::error_code error, int) {
            if (error) return;
            log_->warn("config", "SIGHUP: this version reads its configuration at the start only");
            reloads_.async_wait(ignore);
        };
    reloads_.async_wait(ignore);
    auto const work = asio::make_work_guard(main_);
    main_.run();
}

void Service::Running::drain() {
    draining_ = true;
    for (auto& opened : listeners_) opened.socket.stop();
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->drain(); });
    }
    drain_until_ = std::chrono::steady_clock::now() + drain_limit;
    wait_for_rest();
}

// Asks every loop in turn whether it still has work, and stops when none has, or time is up.
void Service::Running::wait_for_rest() {
    auto const busy = std::make_shared<std::atomic<std::size_t>>(0);
    auto const open = std::make_shared<std::atomic<std::size_t>>(workers_.size());
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [this, busy, open, raw = worker.get()] {
            if (!raw->is_at_rest()) ++*busy;
            if (--*open > 0) return;
            asio::post(main_, [this, at_rest = *busy == 0] {
                if (at_rest || std::chrono::steady_clock::now() >= drain_until_) {
                    main_.stop();
                    return;
                }
                rest_timer_.expires_after(std::chrono::milliseconds(20));
                rest_timer_.async_wait([this](boost::system::error_code error) {
                    if (!error) wait_for_rest();
                });
            });
        });
    }
}

void Service::Running::shut_down() {
    if (std::exchange(down_, true)) return;
    for (auto& opened : listeners_) opened.socket.stop();
    recovery_.reset();
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->stop(); });
    }
    for (auto& worker : workers_) worker->join();
    disk_.join();
    // No answer may find its loop gone: the directory and the spool end before the loops do.
    directory_.reset();
    if (spool_) spool_->stop();
    workers_.clear();
    dns_.reset();
}

Service::Service(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Service::~Service() = default;

mail::Result<std::unique_ptr<Service>> Service::create(config::Config config, std::string version) {
    auto running = Running::create(std::move(config), std::move(version));
    if (!running) return running.error();
    return std::unique_ptr<Service>(new Service(std::move(running.value())));
}

std::vector<std::string> Service::endpoints() const { return running_->endpoints(); }

void Service::run() { running_->run(); }

}  // namespace splitmx::relay
