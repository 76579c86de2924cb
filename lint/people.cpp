#include "lint/people.hpp"

#include <algorithm>

namespace splitmx::lint {

void People::Index::add(std::string key, std::size_t listed) {
    auto const [at, is_new] = first_.try_emplace(std::move(key), 0);
    links_.push_back({static_cast<std::uint32_t>(listed), is_new ? 0 : at->second});
    at->second = static_cast<std::uint32_t>(links_.size());
}

std::vector<std::size_t> People::Index::find(std::string const& key) const {
    std::vector<std::size_t> found;
    auto const first = first_.find(key);
    if (first == first_.end()) return found;
    for (auto at = first->second; at != 0; at = links_[at - 1].next) {
        found.push_back(links_[at - 1].listed);
    }
    std::reverse(found.begin(), found.end());
    return found;
}

People::People(schema::Listing const& listing) : listing_(listing) {
    by_address_.reserve(listing.recipients.size() * 2);
    by_name_.reserve(listing.recipients.size());
    for (std::size_t i = 0; i < listing.recipients.size(); ++i) {
        auto const& recipient = *listing.recipients[i].recipient;
        by_name_.add(recipient.name.key, i);
        for (auto const& address : recipient.addresses) by_address_.add(address.key(), i);
        for (auto const& x500 : recipient.x500_addresses) by_x500_.add(x500.key(), i);
    }
}

std::vector<std::size_t> People::owners(mail::Mailbox const& address) const {
    return by_address_.find(address.key());
}

std::vector<std::size_t> People::owners(mail::X500Address const& address) const {
    return by_x500_.find(address.key());
}

std::vector<std::size_t> People::entries(resolver::EntryName const& name) const {
    return by_name_.find(name.key);
}

resolver::Answer People::answer(std::vector<std::size_t> const& found) const {
    if (found.empty()) return resolver::None{};
    if (found.size() == 1) return resolver::One{all()[found.front()].recipient};
    resolver::Many many;
    for (auto const listed : found) many.names.push_back(all()[listed].recipient->name);
    return many;
}

resolver::Answer People::find(mail::Mailbox const& address) const {
    return answer(owners(address));
}

resolver::Answer People::find(mail::X500Address const& address) const {
    return answer(owners(address));
}

resolver::Answer People::find(resolver::EntryName const& name) const {
    return answer(entries(name));
}

}  // namespace splitmx::lint
