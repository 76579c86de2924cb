#include "relay/live_filter.hpp"

#include "mail/letter_case.hpp"
#include "mail/mailbox.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace splitmx::relay {

namespace {

using history::Kind;

constexpr unsigned by_client = 1;
constexpr unsigned by_sender = 2;
constexpr unsigned by_recipient = 4;
constexpr unsigned by_host = 8;

bool is_address(std::string const& wanted, std::string const& address) {
    if (wanted == "<>") return address.empty();
    auto const mailbox = mail::Mailbox::parse_long(address);
    auto const key = mailbox ? mailbox->key() : mail::to_lower(address);
    if (wanted.front() != '@') return wanted == key;
    auto const at = key.rfind('@');
    return at != std::string::npos && key.substr(at) == wanted;
}

// The null sender is a name where there is a sender at all.
bool names_sender(history::Record const& record) {
    if (record.kind == Kind::receive || !record.sender.empty()) return true;
    return record.kind == Kind::resolve && !record.session.empty();
}

// A report goes to a sender.
bool names_recipient(history::Record const& record) {
    if (record.kind == Kind::receive || record.kind == Kind::dsn) return false;
    return !record.recipient.empty() || !record.original.empty();
}

bool is_host(std::string const& wanted, LiveRecord const& item) {
    return mail::to_lower(wanted) == mail::to_lower(item.hop) ||
           mail::to_lower(wanted) == mail::to_lower(item.record.host);
}

}  // namespace

LiveMatcher::LiveMatcher(LiveFilter filter) : filter_(std::move(filter)) {
    if (filter_.client) wanted_ |= by_client;
    if (!filter_.from.empty()) wanted_ |= by_sender;
    if (!filter_.to.empty()) wanted_ |= by_recipient;
    if (!filter_.host.empty()) wanted_ |= by_host;
}

std::vector<LiveItem> LiveMatcher::take(LiveItem item) {
    if (over_) return {};
    if (auto* record = std::get_if<LiveRecord>(&item)) return take_record(std::move(*record));
    if (auto* line = std::get_if<LiveLine>(&item)) return take_line(std::move(*line));
    take_end(std::get<LiveEnd>(item));
    return {};
}

LiveMatcher::Verdict LiveMatcher::client_verdict(std::string const& client) const {
    if (!filter_.client || client.empty()) return Verdict::silent;
    auto const address = mail::IpAddress::parse(client);
    return address && filter_.client->contains(*address) ? Verdict::yes : Verdict::no;
}

std::optional<unsigned> LiveMatcher::named_by(LiveRecord const& item) const {
    auto const& record = item.record;
    auto const client = client_verdict(record.client);
    if (client == Verdict::no) return std::nullopt;
    unsigned named = client == Verdict::yes ? by_client : 0;
    auto const add = [&named](unsigned bit, bool meets) {
        if (meets) named |= bit;
        return meets;
    };
    if ((wanted_ & by_sender) != 0 && names_sender(record) &&
        !add(by_sender, is_address(filter_.from, record.sender)))
        return std::nullopt;
    if ((wanted_ & by_recipient) != 0 && names_recipient(record) &&
        !add(
            by_recipient,
            is_address(filter_.to, record.recipient) || is_address(filter_.to, record.original)
        ))
        return std::nullopt;
    if ((wanted_ & by_host) != 0 && !record.host.empty() &&
        !add(by_host, is_host(filter_.host, item)))
        return std::nullopt;
    return named;
}

// With `one`, the first that is seen decides what is seen behind it.
bool LiveMatcher::is_followed(std::string const& id, std::string const& session) {
    if (!filter_.one) return true;
    if (!followed_.empty() && !followed_.contains(id) &&
        (session.empty() || !followed_.contains(session)))
        return false;
    for (auto const& name : {id, session}) {
        if (!name.empty() && followed_.insert(name).second) open_.insert(name);
    }
    return true;
}

std::vector<LiveItem> LiveMatcher::take_record(LiveRecord item) {
    auto const named = named_by(item);
    if (!named) return {};
    auto const& id = item.record.id;
    auto const& session = item.record.session;
    unsigned known = *named;
    std::vector<LiveItem> seen;
    if (wanted_ != 0) {
        known |= (traced(id).named |= *named);
        if (!session.empty()) known |= (traced(session).named |= *named);
    }
    if ((known & wanted_) != wanted_ || !is_followed(id, session)) return seen;
    if (filter_.one && item.record.kind == Kind::receive) received_.insert(id);
    auto const waiting = traced_.find(session.empty() ? id : session);
    if (waiting != traced_.end()) {
        auto& lines = waiting->second.waiting;
        if (!lines.empty()) {
            lines.front().follows_gap = std::exchange(waiting->second.has_gap, false);
        }
        std::move(lines.begin(), lines.end(), std::back_inserter(seen));
        lines.clear();
    }
    seen.emplace_back(std::move(item));
    return seen;
}

std::vector<LiveItem> LiveMatcher::take_line(LiveLine line) {
    std::vector<LiveItem> seen;
    if (!filter_.dialogue) return seen;
    if (filter_.client && !filter_.client->contains(line.client)) return seen;
    unsigned known = filter_.client ? by_client : 0;
    if (wanted_ != known) {
        auto& about = traced(line.session);
        about.named |= known;
        // The next message of the session has a sender and recipients of its own.
        if (line.is_by_client &&
            mail::to_lower(std::string_view(line.text).substr(0, 5)) == "mail ") {
            about.named = known;
            about.waiting.clear();
            about.has_gap = true;
        }
        known = about.named;
        if ((known & wanted_) != wanted_) {
            about.waiting.push_back(std::move(line));
            if (about.waiting.size() > max_waiting) {
                about.waiting.pop_front();
                about.has_gap = true;
            }
            return seen;
        }
    }
    if (is_followed(line.session, line.session)) seen.emplace_back(std::move(line));
    return seen;
}

void LiveMatcher::take_end(LiveEnd const& end) {
    if (auto const found = traced_.find(end.id); found != traced_.end()) {
        found->second.waiting.clear();
    }
    if (!filter_.one || open_.erase(end.id) == 0) return;
    // Recipients of a message that was given up.
    if (end.is_session) std::erase_if(open_, [&](auto const& id) { return !received_.contains(id); });
    over_ = open_.empty();
}

LiveMatcher::Traced& LiveMatcher::traced(std::string const& id) {
    auto const [found, is_new] = traced_.try_emplace(id);
    if (!is_new) return found->second;
    order_.push_back(id);
    if (order_.size() > max_traced) {
        traced_.erase(order_.front());
        order_.pop_front();
    }
    return traced_[id];
}

}  // namespace splitmx::relay
