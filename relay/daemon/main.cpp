// splitmxd: reads its configuration, starts the relay, says that it is ready, and waits for its
// end.
#include "config/read.hpp"
#include "relay/daemon/ready.hpp"
#include "relay/daemon/service.hpp"
#include "relay/sandbox.hpp"
#include "relay/supervisor.hpp"

#ifdef SPLITMX_HAS_TCMALLOC
#include <gperftools/malloc_extension.h>
#endif

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>

namespace {

constexpr int exit_usage = 64;
constexpr int exit_cannot_start = 69;
constexpr int exit_internal = 70;
constexpr int exit_configuration = 78;

constexpr char const* usage_text =
    "usage: splitmxd [--config FILE] [--check | --foreground-log]\n"
    "       splitmxd --version | --help\n"
    "FILE is $SPLITMX_CONFIG or /etc/splitmx/splitmx.toml where it is not given.\n"
    "--check says what is wrong with it, and starts nothing.\n"
    "--foreground-log writes the log to standard error, whatever [log] file says.\n";

// What a copy of a large directory has needed, and no longer needs, goes back to the system at once.
void prepare_memory() {
#ifdef SPLITMX_HAS_TCMALLOC
    MallocExtension::instance()->SetNumericProperty("tcmalloc.aggressive_memory_decommit", 1);
#endif
}

int usage() {
    std::cerr << usage_text;
    return exit_usage;
}

// As `splitmx config check`: says what is wrong, and starts nothing.
int check(std::filesystem::path const& file) {
    auto const loaded = splitmx::config::load(file, splitmx::config::Purpose::serve);
    std::cerr << loaded.report;
    return loaded.config ? 0 : exit_configuration;
}

int run(std::filesystem::path const& file, splitmx::relay::LogPlace log) {
    std::optional<splitmx::relay::LongStart> start(std::in_place);
    auto loaded = splitmx::config::load(file, splitmx::config::Purpose::serve);
    std::cerr << loaded.report;
    if (!loaded.config) return exit_configuration;
    // Before there is another thread that would stay outside of it; the one of `start` ends by
    // itself.
    auto sandbox = splitmx::relay::enter_sandbox(*loaded.config);
    auto service = splitmx::relay::daemon::Service::create(
        std::move(*loaded.config), log, std::move(sandbox), SPLITMX_VERSION
    );
    if (!service) {
        std::cerr << "splitmxd: " << service.error().what << "\n";
        return exit_cannot_start;
    }
    auto const line =
        splitmx::relay::daemon::ready_line((*service)->endpoints(), (*service)->http_endpoint());
    start.reset();
    std::cout << line << std::endl;
    splitmx::relay::notify_supervisor("READY=1");
    (*service)->run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    prepare_memory();
    std::signal(SIGPIPE, SIG_IGN);  // libldap writes to sockets that may be gone
    char const* const from_environment = std::getenv("SPLITMX_CONFIG");
    std::filesystem::path file = from_environment ? from_environment : "/etc/splitmx/splitmx.toml";
    bool only_checks = false;
    auto log = splitmx::relay::LogPlace::as_configured;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--config" && i + 1 < argc) {
            file = argv[++i];
        } else if (word.starts_with("--config=")) {
            file = word.substr(9);
        } else if (word == "--check") {
            only_checks = true;
        } else if (word == "--foreground-log") {
            log = splitmx::relay::LogPlace::standard_error;
        } else if (word == "--help" || word == "-h") {
            std::cout << usage_text;
            return 0;
        } else if (word == "--version") {
            std::cout << "splitmxd " SPLITMX_VERSION "\n";
            return 0;
        } else {
            return usage();
        }
    }
    try {
        return only_checks ? check(file) : run(file, log);
    } catch (std::exception const& failure) {
        std::cerr << "splitmxd: " << failure.what() << "\n";
        return exit_internal;
    }
}
