#include "admin/resolve_command.hpp"

#include "admin/decision_json.hpp"
#include "admin/decision_text.hpp"
#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/decide.hpp"
#include "resolver/resolve.hpp"

#include <fmt/format.h>

namespace splitmx::admin {

namespace {

// What every address of one run is asked with.
struct Asker {
    mail::ReversePath from;
    resolver::Client client;
};

mail::Result<Asker> read_asker(ResolveOptions const& options) {
    auto const from = mail::ReversePath::parse(options.from);
    if (!from) return mail::Error{"--from: " + from.error().what, 0};
    auto const client = mail::IpAddress::parse(options.client);
    if (!client) return mail::Error{"--client: " + client.error().what, 0};
    Asker asker{*from, {*client, {}, options.listener, options.identity}};
    if (!options.local_address.empty()) {
        auto const local = mail::IpAddress::parse(options.local_address);
        if (!local) return mail::Error{"--local-address: " + local.error().what, 0};
        asker.client.local_address = *local;
    }
    return asker;
}

ExitCode exit_code_of(resolver::Decision const& decision) {
    switch (decision.verdict) {
        case resolver::Verdict::deliver:
            return decision.failed.empty() ? ExitCode::ok : ExitCode::unknown_recipient;
        case resolver::Verdict::defer:
            return ExitCode::temporary;
        case resolver::Verdict::refuse:
        case resolver::Verdict::bounce:
            break;
    }
    return ExitCode::unknown_recipient;
}

class Resolving {
public:
    Resolving(
        ResolveOptions const& options,
        Streams const& streams,
        Asker asker,
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
        code_ = worst(code_, exit_code_of(decision));
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
        if (options_.json) {
            streams_.output << to_json(address, decision, health) << "\n";
        } else if (options_.explain) {
            if (printed_) streams_.output << "\n";
            streams_.output << explanation(address, decision, health);
        } else {
            streams_.output << summary(address, decision);
        }
        printed_ = true;
    }

    ResolveOptions const& options_;
    Streams const& streams_;
    Asker asker_;
    resolver::RoutingTable const& table_;
    directory::DirectoryService& service_;
    ExitCode code_ = ExitCode::ok;
    bool printed_ = false;
};

}  // namespace

ExitCode resolve_offline(ResolveOptions const& options, Streams const& streams) {
    auto const asker = read_asker(options);
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
    for (auto const& address : options.addresses) {
        if (address != "-") {
            resolving.decide(address);
            continue;
        }
        for (std::string line; std::getline(streams.input, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (!line.empty()) resolving.decide(line);
        }
    }
    return resolving.code();
}

}  // namespace splitmx::admin
