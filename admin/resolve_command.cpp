#include "admin/resolve_command.hpp"

#include "admin/daemon.hpp"
#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/decide.hpp"
#include "resolver/resolve.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace splitmx::admin {

namespace {

control::Format format_of(ResolveOptions const& options) {
    if (options.json) return control::Format::json;
    return options.explain ? control::Format::explanation : control::Format::summary;
}

// Every address, and every line of standard input for "-".
void for_each_address(
    ResolveOptions const& options,
    Streams const& streams,
    std::function<void(std::string const&)> const& visit
) {
    for (auto const& address : options.addresses) {
        if (address != "-") {
            visit(address);
            continue;
        }
        for (std::string line; std::getline(streams.input, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (!line.empty()) visit(line);
        }
    }
}

// Addresses go to the daemon many at a time; what it prints comes back in their order.
class Asking {
public:
    Asking(ResolveOptions const& options, GlobalFlags const& global, Streams const& streams)
        : options_(options), streams_(streams), daemon_(socket_path(global)) {}

    void add(std::string const& address) {
        octets_ += address.size();
        waiting_.emplace_back(address);
        if (waiting_.size() >= batch || octets_ >= batch_octets) flush();
    }
    void flush() {
        if (waiting_.empty() || failure_) return;
        auto arguments = control::to_json(options_.with);
        arguments["format"] = control::to_text(format_of(options_));
        arguments["addresses"] = std::exchange(waiting_, {});
        octets_ = 0;
        auto const answer = daemon_.ask("resolve", std::move(arguments), [this](auto const& row) {
            if (options_.explain && std::exchange(printed_, true)) streams_.output << "\n";
            streams_.output << control::text_of(row, "text");
            code_ = worst(code_, static_cast<ExitCode>(control::number_of(row, "exit")));
        });
        if (auto const* failure = std::get_if<control::Failure>(&answer)) failure_ = *failure;
    }
    std::optional<control::Failure> const& failure() const { return failure_; }
    ExitCode code() const { return code_; }

private:
    static constexpr std::size_t batch = 500;
    static constexpr std::size_t batch_octets = 64 * 1024;

    ResolveOptions const& options_;
    Streams const& streams_;
    Daemon daemon_;
    control::json::array waiting_;
    std::size_t octets_ = 0;
    std::optional<control::Failure> failure_;
    ExitCode code_ = ExitCode::ok;
    bool printed_ = false;
};

class Resolving {
public:
    Resolving(
        ResolveOptions const& options,
        Streams const& streams,
        control::Asker asker,
        resolver::RoutingTable const& table,
        directory::DirectoryService& service
    )
        : options_(options),
          streams_(streams),
          asker_(std::move(asker)),
          table_(table),
          service_(service) {}

    void decide(std::string const& address) {
        auto const decision = decision_for(address);
        print(address, decision);
        code_ = worst(code_, static_cast<ExitCode>(control::exit_code_of(decision)));
    }

    ExitCode code() const { return code_; }

private:
    resolver::Decision decision_for(std::string const& address) {
        auto const path = mail::ForwardPath::parse(address);
        if (!path) return resolver::refuse_bad_address(address, path.error().what);
        std::vector<resolver::Query> queries;
        queries.push_back({*path, asker_.from, asker_.client, false});
        return std::move(directory::decide_now(service_, table_, queries).front());
    }

    void print(std::string const& address, resolver::Decision const& decision) {
        auto const health = service_.overall_health();
        if (options_.explain && printed_) streams_.output << "\n";
        streams_.output << control::print(address, decision, health, format_of(options_));
        printed_ = true;
    }

    ResolveOptions const& options_;
    Streams const& streams_;
    control::Asker asker_;
    resolver::RoutingTable const& table_;
    directory::DirectoryService& service_;
    ExitCode code_ = ExitCode::ok;
    bool printed_ = false;
};

}  // namespace

ExitCode resolve_offline(ResolveOptions const& options, Streams const& streams) {
    auto const asker = control::read_asker(options.with);
    if (!asker) {
        streams.error << "splitmx resolve: " << asker.error().what << "\n";
        return ExitCode::usage;
    }
    auto loaded = config::load(options.config, config::Purpose::look_up);
    if (!loaded.config) {
        streams.error << loaded.report;
        return ExitCode::configuration;
    }
    config::add_machine(*loaded.config);
    auto service =
        directory::DirectoryService::start(*loaded.config, {}, nullptr, directory::Following::no);
    if (!service) {
        streams.error << "splitmx resolve: " << service.error().what << "\n";
        return ExitCode::configuration;
    }
    Resolving resolving(options, streams, *asker, loaded.config->routing, **service);
    for_each_address(options, streams, [&](std::string const& address) {
        resolving.decide(address);
    });
    return resolving.code();
}

ExitCode resolve_online(
    ResolveOptions const& options, GlobalFlags const& global, Streams const& streams
) {
    Asking asking(options, global, streams);
    for_each_address(options, streams, [&](std::string const& address) { asking.add(address); });
    asking.flush();
    if (!asking.failure()) return asking.code();
    auto failure = *asking.failure();
    if (failure.exit == static_cast<int>(ExitCode::unavailable)) {
        failure.text += "\n--offline decides without it";
    }
    return tell("resolve", failure, streams);
}

}  // namespace splitmx::admin
