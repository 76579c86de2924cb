#include "directory/live_source.hpp"

#include "directory/question.hpp"
#include "directory/whole_entries.hpp"
#include "ldap/ranged_values.hpp"
#include "ldap/reference.hpp"
#include "schema/lookup.hpp"
#include "schema/recipient_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace splitmx::directory {

using resolver::lookup_id;

namespace {

// Addresses in one search: enough for most messages, and a filter that every server takes.
constexpr std::size_t addresses_per_search = 50;

resolver::Answer unavailable(ldap::Error const& error) {
    return resolver::Unavailable{fmt::format("{}: {}", ldap::message(error.code), error.what)};
}

// Who is not found may be where the server refers to.
resolver::Answer not_here(std::string const& uri) {
    return resolver::Unavailable{
        "the server refers to " + uri + " for a part of the base, which is not read"};
}

// Decided whole or not yet (ADR 0005): of an entry that is there in part nothing is known for sure.
resolver::Answer if_whole(resolver::Answer answer, ldap::Found const& found) {
    auto const* one = std::get_if<resolver::One>(&answer);
    if (one == nullptr) return answer;
    bool const is_partial = std::any_of(found.begin(), found.end(), [&](ldap::Entry const& entry) {
        return ldap::RangedValues::is_needed(entry) && entry.dn().key() == one->recipient->name.key;
    });
    if (!is_partial) return answer;
    return resolver::Unavailable{
        "the server gives only a part of the values of " + one->recipient->name.text};
}

}  // namespace

class LiveSource::Core : public std::enable_shared_from_this<Core> {
public:
    Core(Settings settings, SearchFunction search, LiveObserver observer)
        : settings_(std::move(settings)),
          search_(with_all_values(std::move(search))),
          observer_(std::move(observer)),
          cache_(settings_.cache) {}

    std::string const& name() const { return settings_.name; }

    resolver::Answer find(resolver::LookupKey const& key) const {
        return cache_.find(lookup_id(key), AnswerCache::Clock::now());
    }

    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done);
    Health health() const;

private:
    ldap::SearchRequest below_base(ldap::Filter filter) const;
    // True when somebody has to search for it: nobody does yet.
    bool wait_for(std::string const& id, Waiting waiting);
    void search_addresses(std::vector<mail::Mailbox> addresses);
    void search_x500(mail::X500Address address);
    void search_name(resolver::EntryName name);
    void addresses_found(std::vector<mail::Mailbox> const& asked, ldap::SearchResult const& result);
    void x500_found(mail::X500Address const& asked, ldap::SearchResult const& result);
    void name_found(resolver::EntryName const& asked, ldap::SearchResult const& result);
    void look_at_base(resolver::EntryName const& missing);
    void settle(std::string const& id, resolver::Answer const& answer);
    void heard(bool well, std::string detail);

    Settings settings_;
    SearchFunction search_;
    LiveObserver observer_;
    AnswerCache cache_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::vector<Waiting>> in_flight_;
    AnswerCache::Clock::time_point last_heard_{};
    std::string last_error_;
};

void LiveSource::Core::ask(
    std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done
) {
    if (keys.empty()) return done({});
    auto const question = std::make_shared<Question>(keys.size(), std::move(done));
    std::vector<mail::Mailbox> addresses;
    std::vector<mail::X500Address> x500_addresses;
    std::vector<resolver::EntryName> names;
    for (std::size_t place = 0; place < keys.size(); ++place) {
        auto const id = lookup_id(keys[place]);
        auto kept = cache_.find(id, AnswerCache::Clock::now());
        if (!std::holds_alternative<resolver::NotAsked>(kept)) {
            question->answer(place, std::move(kept));
            continue;
        }
        if (!wait_for(id, {question, place})) continue;
        if (auto* address = std::get_if<mail::Mailbox>(&keys[place])) {
            addresses.push_back(std::move(*address));
        } else if (auto* x500 = std::get_if<mail::X500Address>(&keys[place])) {
            x500_addresses.push_back(std::move(*x500));
        } else {
            names.push_back(std::move(std::get<resolver::EntryName>(keys[place])));
        }
    }
    for (std::size_t start = 0; start < addresses.size(); start += addresses_per_search) {
        auto const end = std::min(start + addresses_per_search, addresses.size());
        auto const from = addresses.begin() + static_cast<std::ptrdiff_t>(start);
        search_addresses({from, addresses.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    for (auto& x500 : x500_addresses) search_x500(std::move(x500));
    for (auto& name : names) search_name(std::move(name));
}

bool LiveSource::Core::wait_for(std::string const& id, Waiting waiting) {
    std::lock_guard const lock(mutex_);
    auto& waiters = in_flight_[id];
    waiters.push_back(std::move(waiting));
    return waiters.size() == 1;
}

ldap::SearchRequest LiveSource::Core::below_base(ldap::Filter filter) const {
    ldap::SearchRequest request;
    request.base = settings_.base;
    request.scope = ldap::Scope::subtree;
    request.filter = std::move(filter);
    request.attributes = schema::requested_attributes(settings_.profile);
    return request;
}

void LiveSource::Core::search_x500(mail::X500Address address) {
    auto request = below_base(schema::filter_for(settings_.profile, address));
    search_(
        std::move(request),
        [self = shared_from_this(), address = std::move(address)](ldap::SearchResult result) {
            self->x500_found(address, result);
        }
    );
}

void LiveSource::Core::search_addresses(std::vector<mail::Mailbox> addresses) {
    auto request = below_base(schema::filter_for(settings_.profile, addresses));
    search_(
        std::move(request),
        [self = shared_from_this(), addresses = std::move(addresses)](ldap::SearchResult result) {
            self->addresses_found(addresses, result);
        }
    );
}

// An entry outside the search base is none of this directory's.
void LiveSource::Core::search_name(resolver::EntryName name) {
    auto const dn = ldap::Dn::parse(name.text);
    if (!dn || !dn->is_within(settings_.base)) {
        return settle(lookup_id(name), resolver::None{});
    }
    ldap::SearchRequest request;
    request.base = *dn;
    request.scope = ldap::Scope::base;
    request.filter = settings_.profile.filter;
    request.attributes = schema::requested_attributes(settings_.profile);
    search_(
        std::move(request),
        [self = shared_from_this(), name = std::move(name)](ldap::SearchResult result) {
            self->name_found(name, result);
        }
    );
}

void LiveSource::Core::addresses_found(
    std::vector<mail::Mailbox> const& asked, ldap::SearchResult const& result
) {
    if (!result) {
        heard(false, result.error().what);
        for (auto const& address : asked) settle(lookup_id(address), unavailable(result.error()));
        return;
    }
    heard(true, {});
    auto const unseen = ldap::unseen_places(result->references, settings_.other_bases);
    auto const lookup = schema::answer_addresses(settings_.profile, *result, asked);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto const& answer = lookup.answers[i];
        auto const* many = std::get_if<resolver::Many>(&answer);
        if (many && observer_.ambiguous) observer_.ambiguous(asked[i], many->names);
        bool const cannot_tell = !unseen.empty() && std::holds_alternative<resolver::None>(answer);
        settle(
            lookup_id(asked[i]), cannot_tell ? not_here(unseen.front()) : if_whole(answer, *result)
        );
    }
}

void LiveSource::Core::x500_found(
    mail::X500Address const& asked, ldap::SearchResult const& result
) {
    if (!result) {
        heard(false, result.error().what);
        return settle(lookup_id(asked), unavailable(result.error()));
    }
    heard(true, {});
    auto const unseen = ldap::unseen_places(result->references, settings_.other_bases);
    auto const answer = schema::answer_x500(settings_.profile, *result, asked).answers.front();
    bool const cannot_tell = !unseen.empty() && std::holds_alternative<resolver::None>(answer);
    settle(lookup_id(asked), cannot_tell ? not_here(unseen.front()) : if_whole(answer, *result));
}

void LiveSource::Core::name_found(
    resolver::EntryName const& asked, ldap::SearchResult const& result
) {
    // For one entry "no such object" is an answer: there is none. Where the base is gone, too, it
    // is none: everything may be missing.
    if (!result && result.error().code == ldap::Errc::no_such_base) return look_at_base(asked);
    if (!result) {
        heard(false, result.error().what);
        return settle(lookup_id(asked), unavailable(result.error()));
    }
    heard(true, {});
    auto const lookup = schema::answer_name(settings_.profile, *result);
    settle(lookup_id(asked), if_whole(lookup.answers.front(), *result));
}

void LiveSource::Core::look_at_base(resolver::EntryName const& missing) {
    ldap::SearchRequest request;
    request.base = settings_.base;
    request.scope = ldap::Scope::base;
    request.attributes = {"1.1"};  // none (RFC 4511 4.5.1.8)
    auto done = [self = shared_from_this(), missing](ldap::SearchResult const& base) {
        if (base) {
            self->heard(true, {});
            return self->settle(lookup_id(missing), resolver::None{});
        }
        self->heard(false, base.error().what);
        self->settle(lookup_id(missing), unavailable(base.error()));
    };
    search_(std::move(request), std::move(done));
}

void LiveSource::Core::settle(std::string const& id, resolver::Answer const& answer) {
    cache_.keep(id, answer, AnswerCache::Clock::now());
    std::vector<Waiting> waiters;
    {
        std::lock_guard const lock(mutex_);
        auto const found = in_flight_.find(id);
        if (found == in_flight_.end()) return;
        waiters = std::move(found->second);
        in_flight_.erase(found);
    }
    for (auto& waiting : waiters) waiting.question->answer(waiting.place, answer);
}

void LiveSource::Core::heard(bool well, std::string detail) {
    std::lock_guard const lock(mutex_);
    if (well) last_heard_ = AnswerCache::Clock::now();
    last_error_ = std::move(detail);
}

Health LiveSource::Core::health() const {
    std::lock_guard const lock(mutex_);
    Health health{State::direct, 0, last_error_};
    if (last_heard_ != AnswerCache::Clock::time_point{}) {
        health.age_s =
            std::chrono::duration<double>(AnswerCache::Clock::now() - last_heard_).count();
    }
    return health;
}

LiveSource::LiveSource(Settings settings, SearchFunction search, LiveObserver observer)
    : core_(std::make_shared<Core>(std::move(settings), std::move(search), std::move(observer))) {}

LiveSource::~LiveSource() = default;

std::string const& LiveSource::name() const { return core_->name(); }

resolver::Answer LiveSource::find(resolver::LookupKey const& key) const { return core_->find(key); }

void LiveSource::ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) {
    core_->ask(std::move(keys), std::move(done));
}

Health LiveSource::health() const { return core_->health(); }

}  // namespace splitmx::directory
