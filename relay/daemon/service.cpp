#include "relay/daemon/service.hpp"

#include "relay/certificate_keeper.hpp"
#include "relay/crew.hpp"
#include "relay/daemon/open_spool.hpp"
#include "relay/descriptors.hpp"
#include "relay/desk/control_desk.hpp"
#include "relay/desk/control_server.hpp"
#include "relay/desk/monitoring.hpp"
#include "relay/directory_news.hpp"
#include "relay/host_log.hpp"
#include "relay/listeners.hpp"
#include "relay/live_feed.hpp"
#include "relay/meters.hpp"
#include "relay/queue_desk.hpp"
#include "relay/reception.hpp"
#include "relay/records.hpp"
#include "relay/recovery.hpp"
#include "relay/second_pass.hpp"
#include "relay/settings_keeper.hpp"
#include "relay/supervisor.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>

namespace splitmx::relay::daemon {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;

}  // namespace

// Declared in the order of starting; destroyed in the reverse.
class Service::Running {
public:
    static mail::Result<std::unique_ptr<Running>> create(
        config::Config config, LogPlace place, Sandbox sandbox, std::string version
    );
    ~Running() { shut_down(); }

    std::vector<std::string> endpoints() const;
    std::string http_endpoint() const { return monitoring_->http_endpoint(); }
    void run();

private:
    Running() = default;

    void reopen_log_on_signal();
    mail::Result<void> open_spool(config::Config const& config);
    mail::Result<void> start_workers();
    mail::Result<void> open_control(std::string version);
    mail::Result<void> open_monitoring(std::string version);
    void recover();
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
    std::unique_ptr<Records> records_;
    std::unique_ptr<spool::disk::LmdbStore> store_;
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
    Crew crew_{main_};
    std::unique_ptr<Reception> reception_;
    std::unique_ptr<QueueDesk> desk_;
    std::unique_ptr<Recovery> recovery_;
    std::unique_ptr<desk::ControlDesk> control_desk_;
    std::unique_ptr<desk::ControlServer> control_;
    std::unique_ptr<desk::Monitoring> monitoring_;
    asio::steady_timer rest_timer_{main_};
    std::chrono::steady_clock::time_point drain_until_;
    bool draining_ = false;
    bool down_ = false;
};

mail::Result<std::unique_ptr<Service::Running>> Service::Running::create(
    config::Config config, LogPlace place, Sandbox sandbox, std::string version
) {
    std::unique_ptr<Running> running(new Running);
    running->sandbox_ = std::move(sandbox);
    auto records = Records::open(config, place, running->live_);
    if (!records) return records.error();
    running->records_ = std::move(*records);
    auto& log = running->records_->log();
    log.write(observe::ServerStarted{version, config.file.string(), config.hash});
    log.info("sandbox", to_text(running->sandbox_));
    if (auto const done = running->open_spool(config); !done) return done.error();
    if (auto const done = running->records_->open_history(config); !done) return done.error();
    // Every address is bound before anything else starts: a port in use must not leave half a
    // relay.
    running->listeners_ = std::make_unique<Listeners>(Crew::size(), log);
    running->certificates_ =
        std::make_unique<CertificateKeeper>(running->main_, running->disk_, log);
    running->keeper_ = std::make_unique<SettingsKeeper>(
        running->main_,
        running->disk_,
        log,
        *running->listeners_,
        *running->certificates_,
        running->sandbox_,
        observer_of(log, running->news_)
    );
    if (auto const done = running->keeper_->start(std::move(config)); !done) return done.error();
    running->keeper_->follow([&records = *running->records_](Settings const& settings) {
        records.set_config(settings.config.hash);
    });
    if (auto const done = running->start_workers(); !done) return done.error();
    if (auto const done = running->open_control(version); !done) return done.error();
    if (auto const done = running->open_monitoring(std::move(version)); !done) return done.error();
    running->start_listeners();
    running->recover();
    return running;
}

mail::Result<void> Service::Running::open_spool(config::Config const& config) {
    auto opened = daemon::open_spool(config, records_->log());
    if (!opened) return opened.error();
    store_ = std::move(opened->store);
    spool_ = std::move(opened->thread);
    last_of_earlier_run_ = store_->last_id();
    ids_ = std::make_unique<spool::SpoolIdSource>(last_of_earlier_run_);
    return {};
}

mail::Result<void> Service::Running::start_workers() {
    auto const settings = keeper_->present().get();
    auto const& limits = settings->config.limits;
    admission_ = std::make_unique<net::Admission>(keeper_->limits_on_clients(limits));
    auto const connections = outbound_limit(raise_descriptor_limit(), limits.connections);
    auto const report = [this](HostChanged const& change, std::size_t messages) {
        log_host_change(records_->log(), change, messages);
    };
    hosts_ = std::make_unique<HostBook>(connections, report);
    keeper_->follow(*admission_);
    logins_ = std::make_unique<LoginDesk>(records_->log());
    auto const key = load_pass_key(settings->config.server.state_dir / "pass-key");
    if (!key) return key.error();
    parts_.reset(new Parts{
        keeper_->present(),
        certificates_->present(),
        *store_,
        store_->bodies(),
        *spool_,
        *ids_,
        *admission_,
        rates_,
        records_->log(),
        live_,
        meters_,
        *hosts_,
        damage_notices_,
        *logins_,
        disk_,
        *key});
    crew_.hire(*parts_);
    desk_ = std::make_unique<QueueDesk>(*parts_, crew_.all());
    if (auto const done = desk_->restore_pauses(); !done) return done.error();
    records_->keep_unfound_x500(main_, disk_, settings->config.server.state_dir);
    crew_.start();
    keeper_->follow([this](Settings const&) { crew_.settings_changed(); });
    news_.listen(crew_.all());
    return {};
}

// By default, whoever may not make the socket does without; one that was asked for has to be there.
mail::Result<void> Service::Running::open_control(std::string version) {
    auto const admin = keeper_->present().get()->config.admin;
    control_desk_ = std::make_unique<desk::ControlDesk>(desk::ControlDesk::Grounds{
        main_,
        *parts_,
        *keeper_,
        *listeners_,
        *desk_,
        *certificates_,
        sandbox_,
        records_->unfound_x500(),
        std::move(version)});
    auto opened = desk::ControlServer::open(main_, admin.socket, *control_desk_, records_->log());
    if (opened) {
        control_ = std::move(*opened);
        records_->log().info("control", "listening at " + admin.socket.string());
        return {};
    }
    if (admin.socket_chosen) return opened.error();
    records_->log().warn("control", opened.error().what + "; splitmx cannot reach this relay");
    return {};
}

mail::Result<void> Service::Running::open_monitoring(std::string version) {
    std::vector<asio::io_context*> loops;
    for (auto* const worker : crew_.all()) loops.push_back(&worker->loop());
    auto opened = desk::Monitoring::open(desk::Monitoring::Grounds{
        main_,
        *parts_,
        *keeper_,
        *listeners_,
        *desk_,
        std::move(loops),
        records_->tally(),
        draining_,
        std::move(version)});
    if (!opened) return opened.error();
    monitoring_ = std::move(*opened);
    return {};
}

// Nothing waits for it: new mail comes in meanwhile.
void Service::Running::recover() {
    auto const done = [this] { desk_->recovery_ended(); };
    recovery_ = std::make_unique<Recovery>(*parts_, crew_.all(), last_of_earlier_run_, done);
}

void Service::Running::start_listeners() {
    reception_ = std::make_unique<Reception>(crew_.all(), *admission_);
    Listeners::Callbacks callbacks;
    for (auto* const worker : crew_.all()) callbacks.loops.push_back(worker->loop().get_executor());
    callbacks.choose = [this](std::size_t accepting) { return reception_->choose(accepting); };
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
        records_->log().write(observe::ServerStopping{signal == SIGTERM ? "SIGTERM" : "SIGINT"});
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

void Service::Running::reopen_log_on_signal() {
    rotations_.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        records_->reopen();
        reopen_log_on_signal();
    });
}

void Service::Running::drain() {
    draining_ = true;
    notify_supervisor("STOPPING=1");
    listeners_->stop();
    crew_.drain();
    drain_until_ = std::chrono::steady_clock::now() + drain_limit;
    wait_for_rest();
}

// Stops when no loop has work any more, or time is up.
void Service::Running::wait_for_rest() {
    crew_.ask_for_rest([this](bool at_rest) {
        if (at_rest || std::chrono::steady_clock::now() >= drain_until_) {
            main_.stop();
            return;
        }
        rest_timer_.expires_after(std::chrono::milliseconds(20));
        rest_timer_.async_wait([this](boost::system::error_code error) {
            if (!error) wait_for_rest();
        });
    });
}

void Service::Running::shut_down() {
    if (std::exchange(down_, true)) return;
    if (listeners_) listeners_->stop();
    if (control_) control_->stop();
    if (monitoring_) monitoring_->stop();
    if (certificates_) certificates_->stop();
    recovery_.reset();
    crew_.stop();
    if (logins_) logins_->stop();
    disk_.join();
    if (records_) records_->stop();
    // No answer may find its loop gone: the directory and the spool end before the loops do.
    if (keeper_) keeper_->end_directories();
    if (spool_) spool_->stop();
    crew_.dismiss();
    keeper_.reset();
}

Service::Service(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Service::~Service() = default;

mail::Result<std::unique_ptr<Service>> Service::create(
    config::Config config, LogPlace log, Sandbox sandbox, std::string version
) {
    auto running = Running::create(std::move(config), log, std::move(sandbox), std::move(version));
    if (!running) return running.error();
    return std::unique_ptr<Service>(new Service(std::move(running.value())));
}

std::vector<std::string> Service::endpoints() const { return running_->endpoints(); }

std::string Service::http_endpoint() const { return running_->http_endpoint(); }

void Service::run() { running_->run(); }

}  // namespace splitmx::relay::daemon
