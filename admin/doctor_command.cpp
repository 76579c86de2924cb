#include "admin/doctor_command.hpp"

#include "admin/daemon.hpp"
#include "admin/doctor_directory.hpp"
#include "admin/doctor_machine.hpp"
#include "admin/doctor_network.hpp"
#include "admin/doctor_ports.hpp"
#include "admin/terminal.hpp"
#include "config/machine.hpp"
#include "config/read.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace splitmx::admin {

namespace {

namespace json = control::json;

// Says each finding as it comes: some take seconds.
class Examination {
public:
    Examination(DoctorOptions const& options, Context const& context)
        : options_(options), context_(context) {}

    ExitCode run();

private:
    void add(DoctorFinding finding) {
        auto const& streams = context_.streams;
        if (options_.json) {
            streams.output << to_json(finding) << "\n" << std::flush;
        } else if (!context_.global.quiet || finding.level == DoctorLevel::error || finding.level == DoctorLevel::warning) {
            streams.output << painted(to_text(finding), finding.level) << std::flush;
        }
        findings_.push_back(std::move(finding));
    }
    void add(DoctorFindings findings) {
        for (auto& one : findings) add(std::move(one));
    }
    std::string painted(std::string text, DoctorLevel level) const;
    void look_at_configuration(config::Loaded const& loaded);
    std::optional<json::object> ask_relay();
    void look_at_relay(json::object const& status, config::Config const& config);
    void look_at_sandbox(json::object const& status, DoctorAccount const& account);

    DoctorOptions const& options_;
    Context const& context_;
    DoctorFindings findings_;
};

std::string Examination::painted(std::string text, DoctorLevel level) const {
    Paint const paint(context_.global.colour, context_.streams.output);
    auto const word = text.substr(0, text.find(' '));
    auto const rest = text.substr(word.size());
    switch (level) {
        case DoctorLevel::error:
            return paint.red(word) + rest;
        case DoctorLevel::warning:
            return paint.yellow(word) + rest;
        case DoctorLevel::good:
            return paint.green(word) + rest;
        case DoctorLevel::note:
            break;
    }
    return text;
}

void Examination::look_at_configuration(config::Loaded const& loaded) {
    auto const& file = context_.global.config_file;
    for (auto const& one : loaded.findings.all()) {
        auto const line = one.position.line;
        add(finding(
            one.severity == config::Severity::error ? "config-error" : "config-warning",
            line > 0 ? fmt::format("{}:{}: {}", file, line, one.text)
                     : fmt::format("{}: {}", file, one.text),
            one.hint
        ));
    }
    if (loaded.findings.empty()) add(finding("config", fmt::format("{}: no finding", file)));
}

std::optional<json::object> Examination::ask_relay() {
    Daemon daemon(socket_path(context_.global));
    auto answer = daemon.ask("status", {});
    if (auto* done = std::get_if<control::Done>(&answer)) return std::move(done->content);
    add(finding(
        "service-stopped",
        std::get<control::Failure>(answer).text,
        "systemctl enable --now splitmx"
    ));
    return std::nullopt;
}

void Examination::look_at_sandbox(json::object const& status, DoctorAccount const& account) {
    if (account.is_root()) {
        add(finding(
            "sandbox-off",
            "the relay runs as root",
            "start it by its unit: systemctl start splitmx"
        ));
    }
    auto const* sandbox = status.if_contains("sandbox");
    if (sandbox == nullptr || !sandbox->is_object()) return;
    auto const& object = sandbox->as_object();
    if (control::flag_of(object, "on")) {
        add(finding(
            "sandbox",
            fmt::format(
                "Landlock {}: {} places to read, {} to write",
                control::number_of(object, "version"),
                control::texts_of(object, "read").size(),
                control::texts_of(object, "write").size()
            )
        ));
    } else {
        add(finding(
            "sandbox-off",
            fmt::format("without Landlock: {}", control::text_of(object, "why_not")),
            "a kernel that has it (5.19 and later) with `landlock` among lsm="
        ));
    }
}

void Examination::look_at_relay(json::object const& status, config::Config const& config) {
    add(finding("service", fmt::format("splitmxd {} runs", control::text_of(status, "version"))));
    if (control::text_of(status, "hash") != config.hash) {
        add(finding(
            "service-config",
            fmt::format(
                "the relay runs by {} as it was, not by {} as it is now",
                control::text_of(status, "config"),
                context_.global.config_file
            ),
            "splitmx config diff shows what differs; splitmx reload takes it"
        ));
    }
    auto const* directories = status.if_contains("directories");
    if (directories == nullptr || !directories->is_object()) return;
    for (auto const& [name, value] : directories->as_object()) {
        if (!value.is_object()) continue;
        auto const state = control::text_of(value.as_object(), "state");
        if (state == "LIVE" || state == "DIRECT") continue;
        add(finding(
            "directory-state",
            fmt::format(
                "{} is {}: {}",
                std::string(name),
                state,
                control::text_of(value.as_object(), "detail")
            ),
            fmt::format("splitmx directory status {}", std::string(name))
        ));
    }
}

std::optional<std::vector<std::string>> open_addresses(std::optional<json::object> const& status) {
    if (!status) return std::nullopt;
    std::vector<std::string> open;
    auto const* listeners = status->if_contains("listeners");
    if (listeners == nullptr || !listeners->is_array()) return open;
    for (auto const& one : listeners->as_array()) {
        if (one.is_object()) open.push_back(control::text_of(one.as_object(), "address"));
    }
    return open;
}

ExitCode Examination::run() {
    auto loaded = config::load(context_.global.config_file, config::Purpose::inspect);
    look_at_configuration(loaded);
    if (loaded.config) {
        auto& config = *loaded.config;
        config::add_machine(config);
        auto const status = ask_relay();
        auto const process = status ? control::number_of(*status, "pid") : 0;
        auto const account = account_of_relay(
            process > 0 ? std::optional(static_cast<pid_t>(process)) : std::nullopt
        );
        if (status) {
            look_at_relay(*status, config);
            look_at_sandbox(*status, account);
        }
        add(look_at_machine(config, account));
        add(look_at_ports(config, open_addresses(status)));
        add(judge_certificate(config, std::chrono::system_clock::now()));
        if (!options_.no_network) {
            auto people = look_at_directories(config);
            add(std::move(people.findings));
            add(look_at_hosts(config));
            add(look_at_dns(config, people.listing));
        }
    }
    if (!options_.json) context_.streams.output << "\n" << summary(findings_) << "\n";
    return exit_code(findings_, options_.strict);
}

}  // namespace

ExitCode examine(DoctorOptions const& options, Context const& context) {
    return Examination(options, context).run();
}

}  // namespace splitmx::admin
