#include "relay/service.hpp"

#include "relay/certificate_keeper.hpp"
#include "relay/control_desk.hpp"
#include "relay/control_server.hpp"
#include "relay/decision_log.hpp"
#include "relay/descriptors.hpp"
#include "relay/directory_news.hpp"
#include "relay/history_feed.hpp"
#include "relay/host_log.hpp"
#include "relay/listeners.hpp"
#include "relay/live_feed.hpp"
#include "relay/meters.hpp"
#include "relay/monitoring.hpp"
#include "relay/open_spool.hpp"
#include "relay/queue_desk.hpp"
#include "relay/reception.hpp"
#include "relay/recovery.hpp"
#include "relay/second_pass.hpp"
#include "relay/settings_keeper.hpp"
#include "relay/supervisor.hpp"
#include "relay/worker.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;

}  // namespace

// Declared in the order of starting; destroyed in the reverse.
class Service::Running {
public:
    static mail::Result<std::unique_ptr<Running>> create(
        config::Config config, Sandbox sandbox, std::string version
    );
    ~Running() { shut_down(); }

    std::vector<std::string> endpoints() const;
    std::string http_endpoint() const { return monitoring_->http_endpoint(); }
    void run();

private:
    Running() = default;

    mail::Result<void> open_log(config::Config const& config);
    void reopen_log_on_signal();
    mail::Result<void> open_history(config::Config const& config);
    mail::Result<void> open_decision_log(config::Config const& config);
    void follow_with_hash();
    mail::Result<void> open_spool(config::Config const& config);
    mail::Result<void> start_workers();
    mail::Result<void> open_control(std::string version);
    mail::Result<void> open_monitoring(std::string version);
    void recover();
    std::vector<Worker*> worker_list() const;
    void start_listeners();
    void reload_on_signal();
    void drain();
    void wait_for_rest();
    void shut_down();

    LiveFeed live_;  // the main loop's coroutines refer to it to their end
    asio::io_context main_{1};
    // From the beginning: a signal during the start must not kill what has opened.
    asio::signal_set endings_{main_, SIGTERM, SIGINT};
    asio::signal_set reloads_{main_, SIGHUP};
    asio::signal_set rotations_{main_, SIGUSR1};
    asio::thread_pool disk_{2};
    Sandbox sandbox_;
    std::unique_ptr<observe::Tally> tally_;  // none: nobody asks for the figures
    std::unique_ptr<observe::Log> log_;
    std::unique_ptr<history::Recorder> recorder_;  // none: no history is kept
    std::unique_ptr<HistoryFeed> history_feed_;
    std::unique_ptr<DecisionLog> decision_log_;  // none: decisions are not written
    std::unique_ptr<spool::LmdbStore> store_;
    std::unique_ptr<spool::SpoolIdSource> ids_;
    spool::SpoolId last_of_earlier_run_;
    std::unique_ptr<spool::SpoolThread> spool_;
    std::unique_ptr<net::Admission> admission_;
    Rates rates_;
    Meters meters_;
    std::unique_ptr<HostBook> hosts_;
    DamageNotices damage_notices_;
    std::unique_ptr<LoginDesk> logins_;
    DirectoryNews news_;
    std::unique_ptr<Listeners> listeners_;
    std::unique_ptr<CertificateKeeper> certificates_;
    std::unique_ptr<SettingsKeeper> keeper_;
    std::unique_ptr<Parts> parts_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<Reception> reception_;
    std::unique_ptr<QueueDesk> desk_;
    std::unique_ptr<Recovery> recovery_;
    std::unique_ptr<ControlDesk> control_desk_;
    std::unique_ptr<ControlServer> control_;
    std::unique_ptr<Monitoring> monitoring_;
    asio::steady_timer rest_timer_{main_};
    std::chrono::steady_clock::time_point drain_until_;
    bool draining_ = false;
    bool down_ = false;
};

mail::Result<std::unique_ptr<Service::Running>> Service::Running::create(
    config::Config config, Sandbox sandbox, std::string version
) {
    std::unique_ptr<Running> running(new Running);
    running->sandbox_ = std::move(sandbox);
    if (auto const done = running->open_log(config); !done) return done.error();
    running->log_->write(observe::ServerStarted{version, config.file.string(), config.hash});
    running->log_->info("sandbox", to_text(running->sandbox_));
    if (auto const done = running->open_spool(config); !done) return done.error();
    if (auto const done = running->open_history(config); !done) return done.error();
    // Every address is bound before anything else starts: a port in use must not leave half a
    // relay.
    running->listeners_ =
        std::make_unique<Listeners>(running->main_.get_executor(), *running->log_);
    running->certificates_ =
        std::make_unique<CertificateKeeper>(running->main_, running->disk_, *running->log_);
    running->keeper_ = std::make_unique<SettingsKeeper>(
        running->main_,
        running->disk_,
        *running->log_,
        *running->listeners_,
        *running->certificates_,
        running->sandbox_,
        observer_of(*running->log_, running->news_)
    );
    if (auto const done = running->keeper_->start(std::move(config)); !done) return done.error();
    running->follow_with_hash();
    if (auto const done = running->start_workers(); !done) return done.error();
    if (auto const done = running->open_control(version); !done) return done.error();
    if (auto const done = running->open_monitoring(std::move(version)); !done) return done.error();
    running->start_listeners();
    running->recover();
    return running;
}

mail::Result<void> Service::Running::open_log(config::Config const& config) {
    observe::LogSettings settings;
    settings.level = log_level(config.log.level);
    settings.file = config.log.file;
    settings.style = log_style(config);
    auto log = observe::Log::open(std::move(settings));
    if (!log) return log.error();
    log_ = std::move(log.value());
    log_->add(live_);
    if (auto const done = open_decision_log(config); !done) return done;
    if (!config.admin.http) return {};
    tally_ = std::make_unique<observe::Tally>();
    log_->add(*tally_);
    return {};
}

mail::Result<void> Service::Running::open_spool(config::Config const& config) {
    auto opened = relay::open_spool(config, *log_);
    if (!opened) return opened.error();
    store_ = std::move(opened->store);
    spool_ = std::move(opened->thread);
    last_of_earlier_run_ = store_->last_id();
    ids_ = std::make_unique<spool::SpoolIdSource>(last_of_earlier_run_);
    return {};
}

mail::Result<void> Service::Running::open_history(config::Config const& config) {
    if (!config.history.keep) return {};
    history::Recorder::Settings settings;
    settings.file = config.history.file;
    settings.keep = *config.history.keep;
    settings.on_trouble = [&log = *log_](std::string const& what) { log.error("history", what); };
    auto opened = history::Recorder::open(std::move(settings));
    if (!opened) return mail::Error{"the history cannot be kept: " + opened.error().what, 0};
    recorder_ = std::move(*opened);
    history_feed_ = std::make_unique<HistoryFeed>(*recorder_, config.history.full_addresses);
    log_->add(*history_feed_);
    return {};
}

mail::Result<void> Service::Running::open_decision_log(config::Config const& config) {
    if (!config.log.decisions) return {};
    auto opened = DecisionLog::open(*config.log.decisions);
    if (!opened) return mail::Error{"[log] decisions: " + opened.error().what, 0};
    decision_log_ = std::move(*opened);
    log_->add(*decision_log_);
    return {};
}

// Each decision is kept with the hash of the configuration that made it.
void Service::Running::follow_with_hash() {
    keeper_->follow([this](Settings const& settings) {
        if (history_feed_) history_feed_->set_config(settings.config.hash);
        if (decision_log_) decision_log_->set_config(settings.config.hash);
    });
}

mail::Result<void> Service::Running::start_workers() {
    auto const settings = keeper_->present().get();
    auto const& limits = settings->config.limits;
    admission_ = std::make_unique<net::Admission>(keeper_->limits_on_clients(limits));
    auto const connections = outbound_limit(raise_descriptor_limit(), limits.connections);
    auto const report = [this](HostChanged const& change, std::size_t messages) {
        log_host_change(*log_, change, messages);
    };
    hosts_ = std::make_unique<HostBook>(connections, report);
    keeper_->follow(*admission_);
    logins_ = std::make_unique<LoginDesk>(*log_);
    auto const key = load_pass_key(settings->config.server.state_dir / "pass-key");
    if (!key) return key.error();
    parts_.reset(new Parts{
        keeper_->present(),
        certificates_->present(),
        *store_,
        *spool_,
        *ids_,
        *admission_,
        rates_,
        *log_,
        live_,
        meters_,
        *hosts_,
        damage_notices_,
        *logins_,
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

// By default, whoever may not make the socket does without; one that was asked for has to be there.
mail::Result<void> Service::Running::open_control(std::string version) {
    auto const admin = keeper_->present().get()->config.admin;
    control_desk_ = std::make_unique<ControlDesk>(ControlDesk::Grounds{
        main_, *parts_, *keeper_, *listeners_, *desk_, *certificates_, sandbox_, std::move(version)}
    );
    auto opened = ControlServer::open(main_, admin.socket, *control_desk_, *log_);
    if (opened) {
        control_ = std::move(*opened);
        log_->info("control", "listening at " + admin.socket.string());
        return {};
    }
    if (admin.socket_chosen) return opened.error();
    log_->warn("control", opened.error().what + "; splitmx cannot reach this relay");
    return {};
}

mail::Result<void> Service::Running::open_monitoring(std::string version) {
    std::vector<asio::io_context*> loops;
    for (auto const& worker : workers_) loops.push_back(&worker->loop());
    auto opened = Monitoring::open(Monitoring::Grounds{
        main_,
        *parts_,
        *keeper_,
        *listeners_,
        *desk_,
        std::move(loops),
        tally_.get(),
        draining_,
        std::move(version)});
    if (!opened) return opened.error();
    monitoring_ = std::move(*opened);
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

void Service::Running::start_listeners() {
    reception_ = std::make_unique<Reception>(worker_list(), *admission_);
    Listeners::Callbacks callbacks;
    callbacks.choose = [this] { return reception_->choose(); };
    callbacks.on_connection = [this](DoorPtr door, net::Connection connection) {
        reception_->accept(std::move(door), std::move(connection));
    };
    listeners_->start(std::move(callbacks));
}

std::vector<std::string> Service::Running::endpoints() const {
    std::vector<std::string> all;
    for (auto const& view : listeners_->views()) all.push_back(view.endpoint);
    return all;
}

void Service::Running::run() {
    endings_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        log_->write(observe::ServerStopping{signal == SIGTERM ? "SIGTERM" : "SIGINT"});
        drain();
    });
    reload_on_signal();
    reopen_log_on_signal();
    monitoring_->start();
    auto const work = asio::make_work_guard(main_);
    main_.run();
}

void Service::Running::reload_on_signal() {
    reloads_.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        // What came of it is in the log.
        if (!draining_) keeper_->reload("SIGHUP", [](ReloadAnswer const&) {});
        reload_on_signal();
    });
}

// As logrotate asks for it, when it has renamed the file.
void Service::Running::reopen_log_on_signal() {
    rotations_.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        if (auto const done = log_->reopen(); !done) log_->error("log", done.error().what);
        auto const done = decision_log_ ? decision_log_->reopen() : mail::Result<void>();
        if (!done) log_->error("log", done.error().what);
        reopen_log_on_signal();
    });
}

void Service::Running::drain() {
    draining_ = true;
    notify_supervisor("STOPPING=1");
    listeners_->stop();
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
    if (listeners_) listeners_->stop();
    if (control_) control_->stop();
    if (monitoring_) monitoring_->stop();
    if (certificates_) certificates_->stop();
    recovery_.reset();
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->stop(); });
    }
    for (auto& worker : workers_) worker->join();
    if (logins_) logins_->stop();
    disk_.join();
    // No answer may find its loop gone: the directory and the spool end before the loops do.
    if (keeper_) keeper_->end_directories();
    if (spool_) spool_->stop();
    workers_.clear();
    keeper_.reset();
}

Service::Service(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Service::~Service() = default;

mail::Result<std::unique_ptr<Service>> Service::create(
    config::Config config, Sandbox sandbox, std::string version
) {
    auto running = Running::create(std::move(config), std::move(sandbox), std::move(version));
    if (!running) return running.error();
    return std::unique_ptr<Service>(new Service(std::move(running.value())));
}

std::vector<std::string> Service::endpoints() const { return running_->endpoints(); }

std::string Service::http_endpoint() const { return running_->http_endpoint(); }

void Service::run() { running_->run(); }

}  // namespace splitmx::relay
