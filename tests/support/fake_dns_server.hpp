// A DNS server for tests: UDP on a free loopback port, answering from a table in a thread of its
// own.
#pragma once

#include "support/loopback.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dns/records.hpp"

namespace splitmx::smtp::net::test {

class FakeDnsServer {
public:
    enum class Behaviour { answer, servfail, refuse, silent };

    FakeDnsServer();
    ~FakeDnsServer();

    // "127.0.0.1@PORT", as dns::Settings::servers has it.
    std::string server() const;

    void add_a(std::string const& name, std::string const& address, unsigned ttl = 60);
    void add_aaaa(std::string const& name, std::string const& address, unsigned ttl = 60);
    // "" is the root: null MX.
    void add_mx(
        std::string const& name,
        std::uint16_t preference,
        std::string const& host,
        unsigned ttl = 60
    );
    // The name exists and has no records.
    void add_empty(std::string const& name);
    void remove(std::string const& name);
    void behave(std::string const& name, Behaviour behaviour);
    void behave(std::string const& name, dns::RecordType type, Behaviour behaviour);
    // How often that was asked.
    int asked(std::string const& name, dns::RecordType type);

private:
    struct Record {
        dns::RecordType type;
        std::string data;
        unsigned ttl;
    };

    void serve();
    std::string answer_to(std::string const& query);
    void add(std::string const& name, Record record);

    BoundSocket bound_;
    std::mutex mutex_;
    std::map<std::string, std::vector<Record>> names_;
    std::map<std::pair<std::string, int>, Behaviour> behaviours_;
    std::map<std::pair<std::string, int>, int> asked_;
    std::atomic<bool> ending_ = false;
    std::thread thread_;  // last: it uses all of the above
};

namespace wire {

inline std::string number(unsigned value, int octets) {
    std::string text;
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        text += static_cast<char>((value >> shift) & 0xff);
    }
    return text;
}

inline std::string name(std::string const& text) {
    std::string encoded;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find('.', begin), text.size());
        encoded += static_cast<char>(end - begin);
        encoded += text.substr(begin, end - begin);
        begin = end + 1;
    }
    return encoded + '\0';
}

inline std::string address(std::string const& text) {
    auto const value = mail::IpAddress::parse(text).value();
    auto const& octets = value.octets();
    return std::string(octets.begin(), octets.begin() + (value.is_v4() ? 4 : 16));
}

}  // namespace wire

inline FakeDnsServer::FakeDnsServer()
    : bound_(bind_loopback(SOCK_DGRAM)), thread_([this] { serve(); }) {}

inline FakeDnsServer::~FakeDnsServer() {
    ending_ = true;
    SocketAddress const self(bound_.endpoint);
    ::sendto(bound_.socket.get(), "", 1, 0, self.data(), self.size());
    thread_.join();
}

inline std::string FakeDnsServer::server() const {
    return "127.0.0.1@" + std::to_string(bound_.endpoint.port);
}

inline void FakeDnsServer::add(std::string const& name, Record record) {
    std::lock_guard const lock(mutex_);
    names_[name].push_back(std::move(record));
}

inline void FakeDnsServer::add_a(
    std::string const& name, std::string const& address, unsigned ttl
) {
    add(name, Record{dns::RecordType::a, wire::address(address), ttl});
}

inline void FakeDnsServer::add_aaaa(
    std::string const& name, std::string const& address, unsigned ttl
) {
    add(name, Record{dns::RecordType::aaaa, wire::address(address), ttl});
}

inline void FakeDnsServer::add_mx(
    std::string const& name, std::uint16_t preference, std::string const& host, unsigned ttl
) {
    add(name, Record{dns::RecordType::mx, wire::number(preference, 2) + wire::name(host), ttl});
}

inline void FakeDnsServer::add_empty(std::string const& name) {
    std::lock_guard const lock(mutex_);
    names_[name];
}

inline void FakeDnsServer::remove(std::string const& name) {
    std::lock_guard const lock(mutex_);
    names_.erase(name);
}

inline void FakeDnsServer::behave(std::string const& name, Behaviour behaviour) {
    for (auto const type : {dns::RecordType::a, dns::RecordType::aaaa, dns::RecordType::mx}) {
        behave(name, type, behaviour);
    }
}

inline void FakeDnsServer::behave(
    std::string const& name, dns::RecordType type, Behaviour behaviour
) {
    std::lock_guard const lock(mutex_);
    behaviours_[std::pair(name, static_cast<int>(type))] = behaviour;
}

inline int FakeDnsServer::asked(std::string const& name, dns::RecordType type) {
    std::lock_guard const lock(mutex_);
    return asked_[std::pair(name, static_cast<int>(type))];
}

inline void FakeDnsServer::serve() {
    std::string packet(4096, '\0');
    while (true) {
        SocketAddress client;
        auto const size = ::recvfrom(
            bound_.socket.get(), packet.data(), packet.size(), 0, client.data(), &client.size()
        );
        if (ending_ || size < 0) return;
        if (size < 17) continue;
        auto const answer = answer_to(packet.substr(0, static_cast<std::size_t>(size)));
        if (answer.empty()) continue;
        ::sendto(
            bound_.socket.get(), answer.data(), answer.size(), 0, client.data(), client.size()
        );
    }
}

// RFC 1035 4.1: header, the question again, answers; a start of authority under negative answers,
// whose last number says how long they are good (RFC 2308 3).
inline std::string FakeDnsServer::answer_to(std::string const& query) {
    std::lock_guard const lock(mutex_);
    std::string name;
    std::size_t at = 12;
    while (query.at(at) != '\0') {
        auto const length = static_cast<unsigned char>(query.at(at));
        if (!name.empty()) name += '.';
        for (char octet : query.substr(at + 1, length)) {
            name += octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet + 32) : octet;
        }
        at += 1u + length;
    }
    auto const type = static_cast<unsigned char>(query.at(at + 2));
    ++asked_[std::pair(name, static_cast<int>(type))];
    std::string const question = query.substr(12, at + 5 - 12);

    auto const behaviour = behaviours_.find(std::pair(name, static_cast<int>(type)));
    unsigned rcode = 0;
    std::string answers;
    unsigned count = 0;
    if (behaviour != behaviours_.end() && behaviour->second != Behaviour::answer) {
        if (behaviour->second == Behaviour::silent) return "";
        rcode = behaviour->second == Behaviour::servfail ? 2 : 5;
    } else if (auto const known = names_.find(name); known == names_.end()) {
        rcode = 3;
    } else {
        for (auto const& record : known->second) {
            if (static_cast<int>(record.type) != type) continue;
            answers += wire::number(0xc00c, 2) + wire::number(type, 2) + wire::number(1, 2) +
                       wire::number(record.ttl, 4) +
                       wire::number(static_cast<unsigned>(record.data.size()), 2) + record.data;
            ++count;
        }
    }
    bool const negative = count == 0 && (rcode == 0 || rcode == 3);
    std::string authority;
    if (negative) {
        std::string const soa = wire::name("ns.invalid") + wire::name("admin.invalid") +
                                wire::number(1, 4) + wire::number(60, 4) + wire::number(60, 4) +
                                wire::number(60, 4) + wire::number(60, 4);
        auto const zone = name.substr(name.rfind('.') + 1);
        authority = wire::name(zone) + wire::number(6, 2) + wire::number(1, 2) +
                    wire::number(60, 4) + wire::number(static_cast<unsigned>(soa.size()), 2) + soa;
    }
    return query.substr(0, 2) + wire::number(0x8180 | rcode, 2) + wire::number(1, 2) +
           wire::number(count, 2) + wire::number(negative ? 1 : 0, 2) + wire::number(0, 2) +
           question + answers + authority;
}

}  // namespace splitmx::smtp::net::test
