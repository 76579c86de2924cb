// "near  zoey@contoso.com": addresses that somebody may have meant who wrote to one that is not there.
// For the administrator's eyes, never for a client's: it would be a list of who is there.
// Threads: a value of one thread. Cost: one edit distance an address of the same domain.
#pragma once

#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::control {

class NearAddresses {
public:
    explicit NearAddresses(mail::Mailbox wanted);

    void look_at(resolver::Recipient const& recipient);
    // The nearest ones, nearest first; few.
    std::vector<std::string> const& found();

private:
    static constexpr std::size_t most_found = 3;
    static constexpr std::size_t furthest = 2;  // letters that are other ones

    mail::Mailbox wanted_;
    std::string local_;
    std::string domain_;
    std::vector<std::pair<std::size_t, std::string>> candidates_;  // the best, by distance
    std::vector<std::string> found_;
};

}  // namespace splitmx::control
