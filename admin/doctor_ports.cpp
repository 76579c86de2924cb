#include "admin/doctor_ports.hpp"

#include "config/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

namespace splitmx::admin {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view listening = "0A";  // a state of /proc/net/tcp

// As /proc/net/tcp writes it.
std::string hexadecimal(mail::IpAddress const& address) {
    std::string text;
    std::size_t const size = address.is_v4() ? 4 : 16;
    for (std::size_t i = 0; i < size; i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, address.octets().data() + i, sizeof word);
        text += fmt::format("{:08X}", word);
    }
    return text;
}

// The program that has this socket, as far as we may see.
std::string owner_of(std::uint64_t inode) {
    auto const wanted = fmt::format("socket:[{}]", inode);
    std::error_code failure;
    for (auto const& process : fs::directory_iterator("/proc", failure)) {
        auto const id = process.path().filename().string();
        if (id.find_first_not_of("0123456789") != std::string::npos) continue;
        std::error_code none;
        for (fs::directory_iterator one(process.path() / "fd", none), end; one != end;
             one.increment(none)) {
            if (none) break;
            if (fs::read_symlink(one->path(), none).string() != wanted) continue;
            std::ifstream name(process.path() / "comm");
            std::string text;
            std::getline(name, text);
            return fmt::format("{} (process {})", text, id);
        }
    }
    return "another program";
}

std::string who_listens(config::Endpoint const& endpoint) {
    for (auto const* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        auto const text = config::read_file(table);
        if (!text) continue;
        if (auto const inode = listening_inode(*text, endpoint)) return owner_of(*inode);
    }
    return "another program";
}

struct Socket {
    int number;
    ~Socket() {
        if (number >= 0) ::close(number);
    }
};

// What listening there would come to, as an errno; 0: it works.
int try_listening(config::Endpoint const& endpoint) {
    bool const v4 = endpoint.address.is_v4();
    Socket const socket{::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (socket.number < 0) return errno;
    int const on = 1;
    ::setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (v4) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(endpoint.port);
        std::memcpy(&address.sin_addr, endpoint.address.octets().data(), sizeof address.sin_addr);
        std::memcpy(&storage, &address, size = sizeof address);
    } else {
        ::setsockopt(socket.number, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(endpoint.port);
        std::memcpy(&address.sin6_addr, endpoint.address.octets().data(), sizeof address.sin6_addr);
        std::memcpy(&storage, &address, size = sizeof address);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the form of bind(2)
    if (::bind(socket.number, reinterpret_cast<sockaddr const*>(&storage), size) != 0) return errno;
    return ::listen(socket.number, 1) == 0 ? 0 : errno;
}

std::optional<DoctorFinding> look_at(config::Endpoint const& endpoint, std::string const& what) {
    auto const where = fmt::format("{}: {}", what, endpoint.to_text());
    switch (int const failure = try_listening(endpoint)) {
        case 0:
            return std::nullopt;
        case EADDRINUSE:
            return finding(
                "port-taken",
                fmt::format("{}: {} listens there", where, who_listens(endpoint)),
                "give it another address or port, or stop that program"
            );
        case EACCES:
            return finding(
                "port-privileged",
                fmt::format("{}: not for this user to open", where),
                "the service has the right for it (CAP_NET_BIND_SERVICE): systemctl start splitmx"
            );
        case EADDRNOTAVAIL:
            return finding(
                "port-address",
                fmt::format("{}: this machine has no such address", where),
                "`ip address` shows those that it has"
            );
        default:
            return finding(
                "port-address",
                fmt::format("{}: {}", where, std::generic_category().message(failure)),
                "give it an address that this machine has"
            );
    }
}

}  // namespace

std::optional<std::uint64_t> listening_inode(
    std::string_view table, config::Endpoint const& endpoint
) {
    auto const wanted = hexadecimal(endpoint.address);
    bool const wants_all = wanted.find_first_not_of('0') == std::string::npos;
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::string> const columns{
            std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
        // "sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode"
        if (columns.size() < 10 || columns[3] != listening) continue;
        auto const colon = columns[1].find(':');
        if (colon == std::string::npos) continue;
        auto const address = columns[1].substr(0, colon);
        if (columns[1].substr(colon + 1) != fmt::format("{:04X}", endpoint.port)) continue;
        bool const is_all = address.find_first_not_of('0') == std::string::npos;
        if (address != wanted && !is_all && !wants_all) continue;
        std::uint64_t inode = 0;
        auto const& text = columns[9];
        std::from_chars(text.data(), text.data() + text.size(), inode);
        return inode;
    }
    return std::nullopt;
}

DoctorFindings look_at_ports(
    config::Config const& config, std::optional<std::vector<std::string>> const& open
) {
    DoctorFindings findings;
    std::size_t looked_at = 0;
    auto const add = [&](config::Endpoint const& endpoint, std::string const& what) {
        if (endpoint.port == 0) return;  // any free one
        ++looked_at;
        auto const text = endpoint.to_text();
        if (!open) {
            if (auto one = look_at(endpoint, what)) findings.push_back(std::move(*one));
        } else if (std::find(open->begin(), open->end(), text) == open->end()) {
            findings.push_back(finding(
                "port-closed",
                fmt::format("{}: the relay does not listen on {}", what, text),
                "splitmx reload; its log says why when it cannot"
            ));
        }
    };
    for (auto const& listener : config.listeners) {
        for (auto const& endpoint : listener.addresses) {
            add(endpoint, fmt::format("[[listen]] {}", listener.name));
        }
    }
    // Where it runs, who asks /livez sees that.
    if (config.admin.http && !open) add(*config.admin.http, "[admin] http");
    if (findings.empty()) {
        findings.push_back(finding(
            "ports",
            fmt::format(
                "{} address{} {}", looked_at, looked_at == 1 ? "" : "es", open ? "open" : "free"
            )
        ));
    }
    return findings;
}

}  // namespace splitmx::admin
