#include "control/near_addresses.hpp"

#include "config/suggestion.hpp"

#include <algorithm>
#include <tuple>

namespace splitmx::control {

namespace {

// Of a key: letters of one case, and no quotes that are not needed.
std::pair<std::string, std::string> halves(std::string const& key) {
    auto const at = std::min(key.rfind('@'), key.size());
    return {key.substr(0, at), key.substr(at)};
}

std::size_t apart(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

}  // namespace

NearAddresses::NearAddresses(mail::Mailbox wanted) : wanted_(std::move(wanted)) {
    std::tie(local_, domain_) = halves(wanted_.key());
}

void NearAddresses::look_at(resolver::Recipient const& recipient) {
    // Of a short name, two other letters make another name.
    auto const most = std::min(furthest, local_.size() / 2);
    for (auto const& address : recipient.addresses) {
        auto const [local, domain] = halves(address.key());
        if (domain != domain_ || apart(local.size(), local_.size()) > most) continue;
        auto const distance = config::edit_distance(local, local_);
        if (distance == 0 || distance > most) continue;
        candidates_.emplace_back(distance, address.to_log());
        std::sort(candidates_.begin(), candidates_.end());
        if (candidates_.size() > most_found) candidates_.pop_back();
    }
}

std::vector<std::string> const& NearAddresses::found() {
    found_.clear();
    for (auto const& [distance, address] : candidates_) found_.push_back(address);
    return found_;
}

}  // namespace splitmx::control
