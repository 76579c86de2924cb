#include "relay/service.hpp"

#include "relay/control_desk.hpp"
#include "relay/control_server.hpp"
#include "relay/descriptors.hpp"
#include "relay/directory_news.hpp"
#include "relay/host_log.hpp"
#include "relay/inbound_session.hpp"
#include "relay/listeners.hpp"
#include "relay/queue_desk.hpp"
#include "relay/recovery.hpp"
#include "relay/second_pass.hpp"
#include "relay/settings_keeper.hpp"
#include "relay/worker.hpp"

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
    Running() = default;

    mail::Result<void> open_log(config::Log const& log);
    mail::Result<void> open_spool(config::Config const& config);
    mail::Result<void> start_workers();
    mail::Result<void> open_control(std::string version);
    void recover();
    std::vector<Worker*> worker_list() const;
    void start_listeners();
    Worker& least_busy();
    void accept(DoorPtr door, net::Connection connection);
    void reload_on_signal();
    void drain();
    void wait_for_rest();
    void shut_down();

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
    DirectoryNews news_;
    std::unique_ptr<Listeners> listeners_;
    std::unique_ptr<SettingsKeeper> keeper_;
    std::unique_ptr<Parts> parts_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<QueueDesk> desk_;
    std::unique_ptr<Recovery> recovery_;
    std::unique_ptr<ControlDesk> control_desk_;
    std::unique_ptr<ControlServer> control_;
    asio::steady_timer rest_timer_{main_};
    std::chrono::steady_clock::time_point drain_until_;
    bool draining_ = false;
    bool down_ = false;
};

mail::Result<std::unique_ptr<Service::Running>> Service::Running::create(
    config::Config config, std::string version
) {
    std::unique_ptr<Running> running(new Running);
    if (auto const done = running->open_log(config.log); !done) return done.error();
    running->log_->write(observe::ServerStarted{version, config.file.string(), config.hash});
    if (auto const done = running->open_spool(config); !done) return done.error();
    // Every address is bound before anything else starts: a port in use must not leave half a
    // relay.
    running->listeners_ =
        std::make_unique<Listeners>(running->main_.get_executor(), *running->log_);
    running->keeper_ = std::make_unique<SettingsKeeper>(
        running->main_,
        running->disk_,
        *running->log_,
        *running->listeners_,
        observer_of(*running->log_, running->news_)
    );
    if (auto const done = running->keeper_->start(std::move(config)); !done) return done.error();
    if (auto const done = running->start_workers(); !done) return done.error();
    if (auto const done = running->open_control(std::move(version)); !done) return done.error();
    running->start_listeners();
    running->recover();
    return running;
}

mail::Result<void> Service::Running::open_log(config::Log const& settled) {
    observe::LogSettings settings;
    settings.level = log_level(settled.level);
    settings.file = settled.file;
    auto log = observe::Log::open(std::move(settings));
    if (!log) return log.error();
    log_ = std::move(log.value());
    return {};
}

mail::Result<void> Service::Running::open_spool(config::Config const& config) {
    std::error_code failure;
    for (auto const& directory : {config.server.state_dir, config.spool.path}) {
        std::filesystem::create_directories(directory, failure);
        if (!failure) continue;
        return mail::Error{"cannot make " + directory.string() + ": " + failure.message(), 0};
    }
    spool::LmdbStore::Options options;
