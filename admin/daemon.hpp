// The running relay, as the command line reaches it: over its control socket.
// Threads: blocking, for a command-line program. Errors: a Failure with the exit code and a text
// that says what to do: 69 nobody answers, 77 not permitted, 70 not understood, 78 the
// configuration that was named does not say where the relay is.
#pragma once

#include "admin/verb.hpp"

#include <functional>
#include <string>
#include <variant>

#include "control/protocol.hpp"

namespace splitmx::admin {

using DaemonAnswer = std::variant<control::Done, control::Failure>;
using OnRow = std::function<void(control::json::object const&)>;

// Where its socket is: as the flag says, else as the configuration says. Where nobody named a
// configuration, and there is none, the default.
using SocketPlace = std::variant<std::string, control::Failure>;
SocketPlace socket_path(GlobalFlags const& global);

class Daemon {
public:
    // Without a place, every question gets the reason for an answer.
    explicit Daemon(SocketPlace place) : place_(std::move(place)) {}
    Daemon(Daemon const&) = delete;
    Daemon& operator=(Daemon const&) = delete;
    ~Daemon();

    // Connects where it is not connected yet.
    DaemonAnswer ask(std::string verb, control::json::object arguments, OnRow const& on_row = {});

private:
    std::variant<std::monostate, control::Failure> connect();
    std::variant<std::string, control::Failure> read_line();
    control::Failure lost() const;

    SocketPlace place_;
    int socket_ = -1;
    std::uint64_t requests_ = 0;
    std::string input_;
};

// Says on standard error why it failed; gives the exit code.
ExitCode tell(std::string const& verb, control::Failure const& failure, Streams const& streams);

}  // namespace splitmx::admin
