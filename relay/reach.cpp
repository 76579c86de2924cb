#include "relay/reach.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

namespace splitmx::relay {

namespace {

namespace fs = std::filesystem;

// What the C library, libldap with SASL, OpenSSL and libunbound read while a program runs:
// libraries that are loaded late (NSS, SASL, iconv), names and addresses, certificates of
// authorities, time zones. Folders that other systems than Debian have are among them.
constexpr std::array system_places{
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/proc",
    "/sys/devices/system/cpu",
    "/dev/random",
    "/dev/urandom",
    "/var/lib/ca-certificates",
    "/var/lib/sss",
    "/run/nscd",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
};

// A later configuration may write its log there, wherever the first one did.
constexpr auto* log_folder = "/var/log/splitmx";

void add(Places& places, fs::path const& place) {
    std::error_code failure;
    auto real = fs::canonical(place, failure);
    if (failure || covers(places, real)) return;
    places.push_back(std::move(real));
}

// A file of the root folder or of /dev stands for itself alone.
void add_folder_of(Places& places, fs::path const& file) {
    auto const folder = file.parent_path();
    add(places, folder == folder.root_path() || folder == "/dev" ? file : folder);
}

// Where it is by its name, and where it really is.
void add_file(Places& places, fs::path const& file) {
    add_folder_of(places, file);
    std::error_code failure;
    if (auto const real = fs::canonical(file, failure); !failure) add_folder_of(places, real);
}

}  // namespace

Reach reach_of(config::Config const& config) {
    Reach reach;
    for (auto const* place : system_places) add(reach.read, place);
    add_file(reach.read, "/etc/resolv.conf");
    add_file(reach.read, config.dns.hosts_file);
    add_file(reach.read, fs::absolute(config.file));
    for (auto const& key : config.keys) {
        if (!key.reads.empty()) add_file(reach.read, key.reads);
    }
    if (auto const* given = std::getenv("CREDENTIALS_DIRECTORY")) add(reach.read, given);

    add(reach.write, config.server.state_dir);
    add(reach.write, config.spool.path);
    add_folder_of(reach.write, config.admin.socket);
    if (config.history.keep) add_folder_of(reach.write, config.history.file);
    if (config.log.file) add_file(reach.write, *config.log.file);
    if (config.log.decisions) add_file(reach.write, *config.log.decisions);
    add(reach.write, log_folder);
    add(reach.write, "/dev/null");
    return reach;
}

bool covers(Places const& places, fs::path const& file) {
    std::error_code failure;
    auto const real = fs::weakly_canonical(file, failure);
    return std::any_of(places.begin(), places.end(), [&](fs::path const& place) {
        return std::mismatch(place.begin(), place.end(), real.begin(), real.end()).first ==
               place.end();
    });
}

}  // namespace splitmx::relay
