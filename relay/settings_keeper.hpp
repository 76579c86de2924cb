// Makes the Settings of the relay: at its start, and anew at each reload. Owns what they refer to,
// until the last of those who took them is done.
// A reload checks everything before anything changes: the file, its references and secrets, the
// directories' files, the log, the addresses to listen on. Then it all changes at once; on any
// error nothing does. Reloads that are asked for while one runs follow it.
// Threads: the main loop's, but for the file and the directories, which are read on `disk`.
// Ownership: outlives whoever has Settings of it, but for end_directories(); refers to the sandbox.
// Errors: values.
// Source: complaint 19 of the source articles (a restart for every change).
#pragma once

#include "relay/certificate_keeper.hpp"
#include "relay/listeners.hpp"
#include "relay/sandbox.hpp"
#include "relay/settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::relay {

struct Reloaded {
    std::uint64_t generation = 0;
    std::string hash;
    std::vector<config::Change> changes;
    std::vector<config::Change> at_restart;  // all that wait for the next start
    std::string warnings;                    // of the file, as `config check` prints them
};
struct ReloadRefused {
    std::string report;                 // all that is wrong, as `config check` prints it
    std::vector<std::string> findings;  // the same, one line each
    std::size_t errors = 1;
    std::string first_error;
};
using ReloadAnswer = std::variant<Reloaded, ReloadRefused>;

// For the status: the last reload since the start.
struct ReloadRecord {
    mail::Instant at;
    std::string by;  // "SIGHUP", "root (uid 0)"
    bool done = false;
    std::string text;  // "3 changes", the first error
};

class SettingsKeeper {
public:
    SettingsKeeper(
        boost::asio::io_context& main,
        boost::asio::thread_pool& disk,
        observe::Log& log,
        Listeners& listeners,
        CertificateKeeper& certificates,
        Sandbox const& sandbox,
        directory::ServiceObserver observer
    );
    ~SettingsKeeper();

    // Opens the listeners and the directories, and makes the first Settings.
    mail::Result<void> start(config::Config config);
    Present<Settings> const& present() const { return present_; }

    // As they are configured, as far as this process may have so many files open; says so
    // otherwise.
    smtp::net::AdmissionLimits limits_on_clients(config::Limits const& limits);
    // Follows each new configuration from now on.
    void follow(smtp::net::Admission& admission);
    // Called with each new configuration from now on, as soon as it is in force, and with the
    // present one.
    void follow(std::function<void(Settings const&)> follower);

    void reload(std::string by, std::function<void(ReloadAnswer)> done);
    std::optional<ReloadRecord> const& last_reload() const { return last_reload_; }
    std::vector<config::Change> at_restart() const;

    // Answers what is asked of the directories with Unavailable. Settings must not be used again.
    void end_directories();

private:
    // What the Settings of one generation refer to.
    struct Grounds {
        std::unique_ptr<directory::DirectoryService> directory;
        std::shared_ptr<dns::Resolver> dns;
    };
    struct Request {
        std::string by;
        std::function<void(ReloadAnswer)> done;
    };
    struct Read;  // what was read on `disk`

    mail::Result<std::shared_ptr<dns::Resolver>> dns_for(config::Dns const& dns) const;
    mail::Result<void> follow_log(config::Config const& config);
    void install(config::Config config, std::vector<std::uint16_t> const& ports, Grounds grounds);
    void retire(std::uint64_t generation);
    void begin();
    void finish();
    ReloadAnswer answer();
    void answer_and_record(Request const& request, ReloadAnswer const& answer);

    boost::asio::io_context& main_;
    boost::asio::thread_pool& disk_;
    observe::Log& log_;
    Listeners& listeners_;
    CertificateKeeper& certificates_;
    Sandbox const& sandbox_;
    directory::ServiceObserver observer_;
    smtp::net::Admission* admission_ = nullptr;
    std::vector<std::function<void(Settings const&)>> followers_;
    std::uint64_t generation_ = 0;
    std::map<std::uint64_t, Grounds> grounds_;
    Present<Settings> present_;
    std::vector<config::EffectiveKey> started_with_;
    std::optional<ReloadRecord> last_reload_;
    std::deque<Request> requests_;  // the first one runs
    std::unique_ptr<Read> read_;
};

}  // namespace splitmx::relay
