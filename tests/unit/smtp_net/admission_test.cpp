#include "smtp/net/admission.hpp"

#include "smtp/net/rate_book.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace splitmx::smtp::net {

namespace {

mail::IpAddress ip(char const* text) { return mail::IpAddress::parse(text).value(); }

AdmissionLimits limits(std::size_t total, std::size_t per_client) {
    AdmissionLimits limits;
    limits.total = total;
    limits.per_client = per_client;
    return limits;
}

// "in", "total" or "client"; tickets of those inside are kept in `inside`.
std::string ask(Admission& admission, char const* client, std::vector<Admission::Ticket>& inside) {
    auto answer = admission.admit(ip(client));
    if (auto* ticket = std::get_if<Admission::Ticket>(&answer)) {
        inside.push_back(std::move(*ticket));
        return "in";
    }
    bool const full = std::get<AdmissionRefusal>(answer) == AdmissionRefusal::too_many;
    return full ? "total" : "client";
}

}  // namespace

TEST_CASE("Admission: who comes second, with room for one of each client") {
    struct Row {
        char const* name;
        char const* first;
        char const* second;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"the same IPv4 address", "192.0.2.1", "192.0.2.1", "client"},
        Row{"its neighbour", "192.0.2.1", "192.0.2.2", "in"},
        Row{"the same by a mapped address", "192.0.2.1", "::ffff:192.0.2.1", "client"},
        Row{"the same IPv6 network", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "client"},
        Row{"another IPv6 network", "2001:db8:1:2::1", "2001:db8:1:3::1", "in"},
        Row{"an exempt client", "10.0.0.1", "10.0.0.1", "in"}
    );
    INFO(row.name);
    auto strict = limits(10, 1);
    strict.exempt.push_back(mail::Network::parse("10.0.0.0/8").value());
    Admission admission(strict);
    std::vector<Admission::Ticket> inside;
    CHECK(ask(admission, row.first, inside) == "in");
    CHECK(ask(admission, row.second, inside) == row.expected);
}

TEST_CASE("Admission: the total counts all clients, and places come back") {
    Admission admission(limits(2, 10));
    std::vector<Admission::Ticket> inside;
    CHECK(ask(admission, "192.0.2.1", inside) == "in");
    CHECK(ask(admission, "192.0.2.2", inside) == "in");
    CHECK(ask(admission, "192.0.2.3", inside) == "total");
    CHECK(admission.connections() == 2);
    inside.pop_back();
    CHECK(admission.connections() == 1);
    CHECK(admission.connections_of(ip("192.0.2.2")) == 0);
    CHECK(admission.connections_of(ip("192.0.2.1")) == 1);
    CHECK(ask(admission, "192.0.2.3", inside) == "in");
}

TEST_CASE("Admission: an exempt client comes in where all is full, and is counted") {
    auto full = limits(0, 0);
    full.exempt.push_back(mail::Network::parse("10.0.0.1").value());
    Admission admission(full);
    std::vector<Admission::Ticket> inside;
    CHECK(ask(admission, "10.0.0.2", inside) == "total");
    CHECK(ask(admission, "10.0.0.1", inside) == "in");
    CHECK(admission.connections() == 1);
}

TEST_CASE("Admission: new limits hold for those who come") {
    Admission admission(limits(5, 5));
    std::vector<Admission::Ticket> inside;
    CHECK(ask(admission, "192.0.2.1", inside) == "in");
    CHECK(ask(admission, "192.0.2.1", inside) == "in");
    admission.set_limits(limits(5, 1));
    CHECK(admission.connections() == 2);
    CHECK(ask(admission, "192.0.2.1", inside) == "client");
    CHECK(ask(admission, "192.0.2.9", inside) == "in");
}

TEST_CASE("Admission: a ticket moves without being counted twice, and outlives the counter") {
    std::optional<Admission> admission(limits(3, 3));
    std::vector<Admission::Ticket> inside;
    CHECK(ask(*admission, "192.0.2.1", inside) == "in");
    CHECK(ask(*admission, "192.0.2.2", inside) == "in");
    inside[0] = std::move(inside[1]);
    CHECK(admission->connections() == 1);
    CHECK(admission->connections_of(ip("192.0.2.1")) == 0);
    admission.reset();
    inside.clear();
}

TEST_CASE("Admission: threads never get more places than there are") {
    Admission admission(limits(50, 1000));
    std::vector<std::vector<Admission::Ticket>> inside(4);
    std::vector<std::thread> threads;
    for (auto& mine : inside) {
        threads.emplace_back([&admission, &mine] {
            for (int i = 0; i < 100; ++i) ask(admission, "192.0.2.1", mine);
        });
    }
    for (auto& thread : threads) thread.join();
    std::size_t admitted = 0;
    for (auto const& mine : inside) admitted += mine.size();
    CHECK(admitted == 50);
    inside.clear();
    CHECK(admission.connections() == 0);
}

TEST_CASE("Admission: a network around clients has a limit of its own") {
    auto all = limits(100, 10);
    all.per_network = 2;
    all.exempt = {*mail::Network::parse("192.0.2.9")};
    Admission admission(all);
    std::vector<Admission::Ticket> inside;
    CHECK(ask(admission, "192.0.2.1", inside) == "in");
    CHECK(ask(admission, "192.0.2.2", inside) == "in");
    auto const third = admission.admit(ip("192.0.2.3"));
    CHECK(std::get<AdmissionRefusal>(third) == AdmissionRefusal::too_many_from_network);
    CHECK(ask(admission, "192.0.2.9", inside) == "in");  // exempt
    CHECK(ask(admission, "192.0.3.1", inside) == "in");
    inside.clear();
    CHECK(ask(admission, "192.0.2.3", inside) == "in");
    CHECK(ask(admission, "2001:db8:1:1::1", inside) == "in");
    CHECK(ask(admission, "2001:db8:1:2::1", inside) == "in");
    auto const wide = admission.admit(ip("2001:db8:1:3::1"));
    CHECK(std::get<AdmissionRefusal>(wide) == AdmissionRefusal::too_many_from_network);
}

TEST_CASE("Admission: new connections in a minute") {
    auto all = limits(100, 10);
    all.per_client_in_a_minute = 2;
    Admission admission(all);
    RateBook::Time const start{};
    auto const at = [&](int second) {
        auto const answer = admission.admit(ip("192.0.2.1"), start + std::chrono::seconds(second));
        return std::holds_alternative<Admission::Ticket>(answer);  // gone again at once
    };
    CHECK(at(0));
    CHECK(at(1));
    CHECK_FALSE(at(59));
    CHECK(at(60));
    CHECK(at(61));
    CHECK_FALSE(at(62));
}

TEST_CASE("RateBook: each client has its own minute") {
    RateBook book;
    RateBook::Time const start{};
    CHECK(book.take(ip("192.0.2.1"), 5, 5, start) == 5);
    CHECK(book.take(ip("192.0.2.1"), 1, 5, start) == 0);
    CHECK(book.take(ip("192.0.2.2"), 1, 5, start) == 1);
    CHECK(book.take(ip("2001:db8:1:1::1"), 5, 5, start) == 5);
    CHECK(book.take(ip("2001:db8:1:1::2"), 1, 5, start) == 0);
    CHECK(book.take(ip("192.0.2.3"), 8, 5, start) == 5);  // as many as there are left
    CHECK(book.take(ip("192.0.2.3"), 1, 5, start) == 0);
    CHECK(book.take(ip("192.0.2.1"), 1000, 0, start) == 1000);
    CHECK(book.take(ip("192.0.2.1"), 1, 5, start + rate_window) == 1);
    CHECK(book.take(ip("192.0.2.1"), 9, 3, start + rate_window) == 2);  // a limit that is lower now
}

}  // namespace splitmx::smtp::net
