#include "relay/settings_keeper.hpp"

#include "config/machine.hpp"
#include "config/read.hpp"
#include "config/routing_tests_file.hpp"
#include "relay/descriptors.hpp"
#include "relay/host_book.hpp"
#include "relay/supervisor.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "control/routing_tests.hpp"

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;

bool is_alike(config::Dns const& a, config::Dns const& b) {
    return a.servers == b.servers && a.hosts_file == b.hosts_file && a.dnssec == b.dnssec;
}

void add_ports(config::Config& config, std::vector<std::uint16_t> const& ports) {
    for (auto const port : ports) {
        if (!config.routing.self.listens_on(port)) config.routing.self.ports.push_back(port);
    }
    config::add_machine(config);
}

ReloadRefused refused(std::string why) {
    ReloadRefused answer;
    answer.first_error = why;
    answer.findings.push_back(why);
    answer.report = std::move(why) + "\n";
    return answer;
}

ReloadRefused refused(config::Loaded const& loaded) {
    ReloadRefused answer;
    answer.report = loaded.report;
    answer.errors = 0;
    for (auto const& finding : loaded.findings.all()) {
        bool const is_error = finding.severity == config::Severity::error;
        auto text = finding.position.line == 0
                        ? finding.text
                        : fmt::format("line {}: {}", finding.position.line, finding.text);
        if (is_error && answer.errors++ == 0) answer.first_error = text;
        answer.findings.push_back((is_error ? "error: " : "warning: ") + std::move(text));
    }
    return answer;
}

ReloadRefused refused(control::TestRun const& tests) {
    ReloadRefused answer;
    answer.report = tests.report() + tests.summary() + ".\n";
    answer.errors = tests.failed;
    answer.first_error = tests.lines.front();
    answer.findings = tests.lines;
    return answer;
}

// A restart enters another sandbox; a reload cannot.
ReloadRefused out_of_reach(std::vector<std::string> findings) {
    ReloadRefused answer;
    answer.errors = findings.size();
    answer.first_error = findings.front();
    for (auto const& finding : findings) answer.report += finding + "\n";
    answer.report +=
        "Restart splitmxd: it takes the configuration with new limits to what it reaches.\n";
    answer.findings = std::move(findings);
    return answer;
}

// The administrator's own tests, under a configuration that is not in force yet.
control::TestRun tested(
    config::Config const& config,
    directory::DirectoryService& directory,
    resolver::RoutingTable const& before
) {
    auto const file = config::routing_tests_file(config);
    if (!file) return {};
    auto with_machine = config;
    add_ports(with_machine, before.self.ports);
    return control::run_routing_tests(*file, with_machine.routing, directory);
}

}  // namespace

struct SettingsKeeper::Read {
    config::Loaded loaded;
    std::unique_ptr<directory::DirectoryService> directory;
    std::string trouble;  // with the directories
    control::TestRun tests;
};

SettingsKeeper::SettingsKeeper(
    asio::io_context& main,
    asio::thread_pool& disk,
    observe::Log& log,
    Listeners& listeners,
    CertificateKeeper& certificates,
    Sandbox const& sandbox,
    directory::ServiceObserver observer
)
    : main_(main),
      disk_(disk),
      log_(log),
      listeners_(listeners),
      certificates_(certificates),
      sandbox_(sandbox),
      observer_(std::move(observer)) {}

SettingsKeeper::~SettingsKeeper() = default;

mail::Result<void> SettingsKeeper::start(config::Config config) {
    auto listeners = listeners_.prepare(config.listeners);
    if (!listeners) return listeners.error();
    Grounds grounds;
    auto directory = directory::DirectoryService::start(config, observer_);
    if (!directory) return directory.error();
    grounds.directory = std::move(*directory);
    auto dns = dns_for(config.dns);
    if (!dns) return dns.error();
    grounds.dns = std::move(*dns);
    started_with_ = config.keys;
    auto const ports = listeners->ports();
    if (auto const taken = listeners_.take(std::move(*listeners)); !taken) return taken.error();
    install(std::move(config), ports, std::move(grounds));
    return {};
}

mail::Result<std::shared_ptr<dns::Resolver>> SettingsKeeper::dns_for(config::Dns const& dns) const {
    auto const before = present_.get();
    if (before && is_alike(before->config.dns, dns)) return grounds_.at(before->generation).dns;
    auto made = dns::Resolver::create(main_.get_executor(), dns_settings(dns));
    if (!made) return made.error();
    return std::make_shared<dns::Resolver>(std::move(*made));
}

net::AdmissionLimits SettingsKeeper::limits_on_clients(config::Limits const& limits) {
    auto admission = admission_limits(limits);
    auto const most = most_clients(raise_descriptor_limit());
    if (admission.total > most) {
        log_.warn(
            "config",
            fmt::format(
                "[limits] connections is {}, but so few files may be open that {} are served at "
                "the "
                "same time (LimitNOFILE of the service)",
                admission.total,
                most
            )
        );
        admission.total = most;
    }
    return admission;
}

void SettingsKeeper::follow(net::Admission& admission) { admission_ = &admission; }

void SettingsKeeper::follow(std::function<void(Settings const&)> follower) {
    follower(*present_.get());
    followers_.push_back(std::move(follower));
}

// A file that kept its name is opened anew: a tool may have renamed it.
mail::Result<void> SettingsKeeper::follow_log(config::Config const& config) {
    auto const moved = log_.open_file(config.log.file);
    if (!moved) return moved.error();
    log_.set_level(log_level(config.log.level));
    for (auto const& [word, level] : log_.levels_of_words()) log_.set_level(word, std::nullopt);
    log_.set_style(log_style(config));
    return {};
}

void SettingsKeeper::install(
    config::Config config, std::vector<std::uint16_t> const& ports, Grounds grounds
) {
    add_ports(config, ports);
    auto const generation = ++generation_;
    auto& kept = grounds_.emplace(generation, std::move(grounds)).first->second;
    auto made = make_settings(std::move(config), *kept.directory, *kept.dns, generation);
    certificates_.install(made->config.tls);
    if (admission_) admission_->set_limits(limits_on_clients(made->config.limits));
    // The last one to let go may be on any thread; what ends with it ends from here.
    SettingsPtr settings(made.release(), [this, generation](Settings const* done) {
        delete done;
        asio::post(main_, [this, generation] { retire(generation); });
    });
    present_.set(settings);
    for (auto const& follower : followers_) follower(*settings);
}

// Connections to a directory may take a moment to end: not on the main loop.
void SettingsKeeper::retire(std::uint64_t generation) {
    auto const found = grounds_.find(generation);
    if (found == grounds_.end()) return;
    auto directory = std::move(found->second.directory);
    grounds_.erase(found);
    asio::post(disk_, [directory = std::move(directory)] {});
}

void SettingsKeeper::end_directories() {
    read_.reset();
    for (auto& [generation, grounds] : grounds_) grounds.directory.reset();
}

void SettingsKeeper::reload(std::string by, std::function<void(ReloadAnswer)> done) {
    requests_.push_back({std::move(by), std::move(done)});
    if (requests_.size() == 1) begin();
}

void SettingsKeeper::begin() {
    notify_supervisor("RELOADING=1\nSTATUS=Reading the configuration");
    read_ = std::make_unique<Read>();
    asio::post(disk_, [this, read = read_.get(), before = present_.get()] {
        read->loaded = config::load(before->config.file, config::Purpose::serve);
        if (read->loaded.config) {
            auto started = directory::DirectoryService::start(
                *read->loaded.config, observer_, &before->directory
            );
            if (started) {
                read->directory = std::move(*started);
                read->tests = tested(*read->loaded.config, *read->directory, *before->table);
            } else {
                read->trouble = started.error().what;
            }
        }
        asio::post(main_, [this] { finish(); });
    });
}

void SettingsKeeper::finish() {
    auto const made = answer();
    read_.reset();
    auto const request = std::move(requests_.front());
    answer_and_record(request, made);
    requests_.pop_front();
    if (!requests_.empty()) begin();
}

ReloadAnswer SettingsKeeper::answer() {
    auto& loaded = read_->loaded;
    // Before anything else that is wrong with it: a file out of reach cannot be read, either.
    if (auto beyond = files_beyond(sandbox_, loaded); !beyond.empty()) {
        return out_of_reach(std::move(beyond));
    }
    if (!loaded.config) return refused(loaded);
    if (!read_->directory) return refused(read_->trouble);
    if (read_->tests.failed > 0) return refused(read_->tests);
    auto listeners = listeners_.prepare(loaded.config->listeners);
    if (!listeners) return refused(listeners.error().what);
    auto const ports = listeners->ports();
    auto dns = dns_for(loaded.config->dns);
    if (!dns) return refused(dns.error().what);
    auto const logged = follow_log(*loaded.config);
    if (!logged) return refused(logged.error().what);
    auto const before = present_.get();
    if (auto const taken = listeners_.take(std::move(*listeners)); !taken) {
        static_cast<void>(follow_log(before->config));
        return refused(taken.error().what);
    }
    Reloaded done;
    done.warnings = loaded.report + read_->tests.report();
    done.hash = loaded.config->hash;
    for (auto& change : config::differences(before->config.keys, loaded.config->keys)) {
        if (!change.at_restart) done.changes.push_back(std::move(change));
    }
    Grounds grounds{std::move(read_->directory), std::move(*dns)};
    install(std::move(*loaded.config), ports, std::move(grounds));
    done.generation = generation_;
    done.at_restart = at_restart();
    return done;
}

std::vector<config::Change> SettingsKeeper::at_restart() const {
    auto waiting = config::differences(started_with_, present_.get()->config.keys);
    std::erase_if(waiting, [](config::Change const& change) { return !change.at_restart; });
    return waiting;
}

void SettingsKeeper::answer_and_record(Request const& request, ReloadAnswer const& answer) {
    auto const file = present_.get()->config.file.string();
    ReloadRecord record{std::chrono::system_clock::now(), request.by, false, {}};
    if (auto const* done = std::get_if<Reloaded>(&answer)) {
        auto const count = done->changes.size();
        record.done = true;
        record.text = fmt::format("{} change{}", count, count == 1 ? "" : "s");
        log_.write(observe::ConfigReloaded{file, request.by, done->generation, done->hash, count});
        for (auto const& change : done->changes) log_.info("config", config::to_text(change));
        for (auto const& change : done->at_restart) {
            log_.warn("config", "waits for a restart: " + config::to_text(change));
        }
    } else {
        auto const& failed = std::get<ReloadRefused>(answer);
        record.text = failed.first_error;
        log_.write(observe::ConfigRejected{file, request.by, failed.errors, failed.first_error});
        if (failed.findings.size() > 1) {
            for (auto const& finding : failed.findings) log_.error("config", finding);
        }
    }
    last_reload_ = std::move(record);
    notify_supervisor("READY=1");
    request.done(answer);
}

}  // namespace splitmx::relay
