#include "relay/unfound_x500.hpp"

#include "mail/x500_address.hpp"

#include <algorithm>
#include <variant>

namespace splitmx::relay {

void UnfoundX500::see(observe::Event const& event) {
    if (auto const* decided = std::get_if<observe::RecipientDecided>(&event)) {
        // In the queue it is decided again and again.
        if (!decided->session.empty()) add(decided->address, decided->decision);
    } else if (auto const* refused = std::get_if<observe::RecipientRefused>(&event)) {
        add(refused->address, refused->decision);
    }
}

// What the resolver has found of it stands in the trace; the address alone tells no more than that
// it is one.
void UnfoundX500::add(std::string const& address, resolver::Decision const* decision) {
    if (decision == nullptr || !mail::is_encapsulated(address)) return;
    auto const& trace = decision->trace;
    bool const unfound = std::any_of(trace.begin(), trace.end(), [](auto const& step) {
        return step.rule == resolver::Rule::directory_x500_none;
    });
    auto const mailbox = mail::Mailbox::parse(address);
    if (!unfound || !mailbox) return;
    auto const x500 = mail::encapsulated_in(mailbox->local_part());
    if (!x500) return;
    auto const now = std::chrono::system_clock::now();
    std::lock_guard const lock(mutex_);
    ++changes_;
    auto found = names_.find(x500->key());
    if (found == names_.end()) {
        if (names_.size() >= capacity) drop_old(now);
        if (names_.size() >= capacity) {
            ++unlisted_;
            return;
        }
        found = names_.emplace(x500->key(), Name{}).first;
        found->second.first = now;
    }
    auto& name = found->second;
    name.x500 = x500->text();
    name.address = address;
    name.last = now;
    ++name.count;
}

// Whoever asks for ever new names makes nobody look through the old ones each time.
void UnfoundX500::drop_old(mail::Instant now) {
    if (now >= swept_ && now < swept_ + std::chrono::minutes(1)) return;
    swept_ = now;
    std::erase_if(names_, [&](auto const& one) { return one.second.last < now - kept_for; });
}

void UnfoundX500::restore(List const& list) {
    std::lock_guard const lock(mutex_);
    since_ = std::min(since_, list.since);
    unlisted_ = list.unlisted;
    auto const oldest = std::chrono::system_clock::now() - kept_for;
    for (auto const& name : list.names) {
        auto const x500 = mail::X500Address::parse(name.x500);
        if (!x500 || name.last < oldest || names_.size() >= capacity) continue;
        names_.insert_or_assign(x500->key(), name);
    }
}

std::uint64_t UnfoundX500::changes() const {
    std::lock_guard const lock(mutex_);
    return changes_;
}

UnfoundX500::List UnfoundX500::list() const {
    List list;
    {
        std::lock_guard const lock(mutex_);
        for (auto const& [key, name] : names_) list.names.push_back(name);
        list.unlisted = unlisted_;
        list.since = since_;
    }
    std::sort(list.names.begin(), list.names.end(), [](Name const& a, Name const& b) {
        return a.count != b.count ? a.count > b.count : a.x500 < b.x500;
    });
    return list;
}

}  // namespace splitmx::relay
