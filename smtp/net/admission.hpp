// How many connections there may be: in all, and from one client. A client is an IPv4 address, or
// an IPv6 network of 64 bits, as one customer gets; the network around it may have a limit of its
// own, and each client one of new connections in a minute. Clients in the exempt networks are
// counted too, but never refused. Ownership: a ticket counts while it lives and may outlive its
// Admission. Threads: any. Errors: a refusal is a value; the session answers 421 (RFC 5321 3.8).
#pragma once

#include "mail/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

namespace splitmx::smtp::net {

struct AdmissionLimits {
    std::size_t total = 1000;
    std::size_t per_client = 50;
    std::size_t per_network = 0;             // 24 bits of IPv4, 48 of IPv6; 0: no limit
    std::size_t per_client_in_a_minute = 0;  // 0: no limit
    std::vector<mail::Network> exempt;
};

enum class AdmissionRefusal { too_many, too_many_from_client, too_many_from_network, too_often };

class Admission {
    struct Counts;

public:
    // Move-only; gives its place back when it ends.
    class Ticket {
    public:
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) noexcept;
        ~Ticket();

    private:
        friend class Admission;
        Ticket(std::shared_ptr<Counts> counts, mail::IpAddress client);
        void give_back();

        std::shared_ptr<Counts> counts_;
        mail::IpAddress client_;  // as it came
    };
    using Answer = std::variant<Ticket, AdmissionRefusal>;

    explicit Admission(AdmissionLimits limits);

    Answer admit(
        mail::IpAddress const& client,
        std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()
    );
    // Those inside stay, even where the new limits are lower.
    void set_limits(AdmissionLimits limits);
    std::size_t connections() const;
    std::size_t connections_of(mail::IpAddress const& client) const;

private:
    std::shared_ptr<Counts> counts_;
};

}  // namespace splitmx::smtp::net
