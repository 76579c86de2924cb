// A next hop on loopback that takes mail, but stands still at one command until it is told to go
// on, or the connection is ended. Threads: its own serves one connection after the other.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace splitmx::relay::test {

class HangingHost {
public:
    // The port is taken; nobody is served until serve().
    HangingHost() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_, generic, sizeof address) == 0);
        socklen_t size = sizeof address;
        ::getsockname(socket_, generic, &size);
        port_ = ntohs(address.sin_port);
    }
    ~HangingHost() {
        ended_ = true;
        release();
        ::shutdown(socket_, SHUT_RDWR);
        ::close(socket_);
        if (thread_.joinable()) thread_.join();
    }
    HangingHost(HangingHost const&) = delete;
    HangingHost& operator=(HangingHost const&) = delete;

    std::uint16_t port() const { return port_; }
    // "MAIL", "RCPT", "DATA", or "." for the end of the content.
    void serve(std::string at = "MAIL") {
        hang_at_ = std::move(at);
        REQUIRE(::listen(socket_, 8) == 0);
        thread_ = std::thread([this] {
            for (int peer = 0; (peer = ::accept(socket_, nullptr, nullptr)) >= 0;) {
                ++connections_;
                peer_ = peer;
                talk(peer);
                if (peer_.exchange(-1) >= 0) ::close(peer);
            }
        });
    }
    bool is_hanging() const { return hanging_; }
    int connections() const { return connections_; }
    int taken() const { return taken_; }
    // It answers well from now on.
    void go_on() { goes_on_ = true; }
    // The connection ends in the middle.
    void release() {
        int const peer = peer_.load();
        if (peer >= 0) ::shutdown(peer, SHUT_RDWR);
        goes_on_ = true;
    }

private:
    void talk(int peer) {
        say(peer, "220 hanging.example");
        std::string input;
        bool content = false;
        while (auto const line = next_line(peer, input)) {
            if (content && *line != ".") continue;
            hang(*line);
            if (*line == "." && content) ++taken_;
            content = line->starts_with("DATA");
            say(peer, content ? "354 go on" : "250 2.0.0 yes");
        }
    }
    void hang(std::string_view line) {
        if (!line.starts_with(hang_at_) || goes_on_) return;
        hanging_ = true;
        while (!goes_on_ && !ended_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    static void say(int peer, std::string const& line) {
        auto const text = line + "\r\n";
        (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    }
    static std::optional<std::string> next_line(int peer, std::string& input) {
        for (std::size_t end = 0; (end = input.find("\r\n")) == std::string::npos;) {
            char buffer[4096];
            auto const got = ::read(peer, buffer, sizeof buffer);
            if (got <= 0) return std::nullopt;
            input.append(buffer, static_cast<std::size_t>(got));
        }
        auto const end = input.find("\r\n");
        auto line = input.substr(0, end);
        input.erase(0, end + 2);
        return line;
    }

    int socket_;
    std::uint16_t port_ = 0;
    std::string hang_at_;
    std::atomic<int> peer_ = -1;
    std::atomic<int> connections_ = 0;
    std::atomic<int> taken_ = 0;
    std::atomic<bool> hanging_ = false;
    std::atomic<bool> goes_on_ = false;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

}  // namespace splitmx::relay::test
