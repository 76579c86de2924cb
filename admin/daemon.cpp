#include "admin/daemon.hpp"

#include "config/read.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace splitmx::admin {

namespace {

constexpr int unavailable = 69;
constexpr int not_understood = 70;
constexpr int not_permitted = 77;

std::string why_not(std::string const& path, int number) {
    if (number == EACCES || number == EPERM) {
        return fmt::format(
            "you may not use {}: root, the relay's user and members of the socket's group may", path
        );
    }
    return fmt::format(
        "no splitmxd answers at {} ({}); is it running, and is this its socket (--socket, "
        "--config)?",
        path,
        std::strerror(number)
    );
}

}  // namespace

SocketPlace socket_path(GlobalFlags const& global) {
    if (!global.socket.empty()) return global.socket;
    // Members of the socket's group need not be able to read the machine's own configuration.
    bool const is_there = ::access(global.config_file.c_str(), R_OK) == 0;
    if (!global.config_given && !is_there) return config::default_control_socket().string();
    auto const found = config::control_socket(global.config_file);
    if (auto const* report = std::get_if<std::string>(&found)) {
        return control::Failure{static_cast<int>(ExitCode::configuration), *report};
    }
    return std::get<std::filesystem::path>(found).string();
}

Daemon::~Daemon() {
    if (socket_ >= 0) ::close(socket_);
}

std::variant<std::monostate, control::Failure> Daemon::connect() {
    if (socket_ >= 0) return std::monostate{};
    if (auto const* failure = std::get_if<control::Failure>(&place_)) return *failure;
    auto const& path = std::get<std::string>(place_);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return control::Failure{unavailable, why_not(path, ENAMETOOLONG)};
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ >= 0 &&
        ::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) {
        return std::monostate{};
    }
    int const number = errno;
    bool const forbidden = number == EACCES || number == EPERM;
    return control::Failure{forbidden ? not_permitted : unavailable, why_not(path, number)};
}

control::Failure Daemon::lost() const {
    return {
        unavailable,
        fmt::format("splitmxd closed the connection at {}", std::get<std::string>(place_))};
}

std::variant<std::string, control::Failure> Daemon::read_line() {
    std::array<char, 64 * 1024> buffer;
    std::size_t searched = 0;
    for (;;) {
        auto const end = input_.find('\n', searched);
        if (end != std::string::npos) {
            auto line = input_.substr(0, end);
            input_.erase(0, end + 1);
            return line;
        }
        searched = input_.size();
        auto const got = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return lost();
        input_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

DaemonAnswer Daemon::ask(std::string verb, control::json::object arguments, OnRow const& on_row) {
    auto const connected = connect();
    if (auto const* failure = std::get_if<control::Failure>(&connected)) return *failure;
    auto const line =
        control::encode(control::Request{++requests_, std::move(verb), std::move(arguments)});
    for (std::size_t at = 0; at < line.size();) {
        auto const sent = ::send(socket_, line.data() + at, line.size() - at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        // A refusal may be waiting to be read.
        if (sent < 0) break;
        at += static_cast<std::size_t>(sent);
    }
    for (;;) {
        auto const got = read_line();
        if (auto const* failure = std::get_if<control::Failure>(&got)) return *failure;
        auto const answer = control::decode_answer(std::get<std::string>(got));
        if (!answer) {
            return control::Failure{
                not_understood, "the relay's answer is not understood: " + answer.error().what};
        }
        if (auto const* row = std::get_if<control::Row>(&answer->content)) {
            if (on_row) on_row(row->content);
        } else if (auto const* done = std::get_if<control::Done>(&answer->content)) {
            return *done;
        } else {
            return std::get<control::Failure>(answer->content);
        }
    }
}

ExitCode tell(std::string const& verb, control::Failure const& failure, Streams const& streams) {
    auto const code = static_cast<ExitCode>(failure.exit);
    // Findings are whole lines, and name the file.
    if (code == ExitCode::configuration)
        streams.error << failure.text;
    else
        streams.error << "splitmx " << verb << ": " << failure.text << "\n";
    return code;
}

}  // namespace splitmx::admin
