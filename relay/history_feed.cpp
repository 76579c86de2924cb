#include "relay/history_feed.hpp"

#include <fmt/format.h>

#include <utility>

#include "control/decision_json.hpp"

namespace splitmx::relay {

namespace {

using history::Kind;
using history::Record;
using RecordList = std::vector<Record>;

std::string text_of(mail::ReversePath const& path) {
    return path.is_null() ? std::string() : path.to_wire();
}

struct Base {
    std::string const& config;
    mail::Instant now;

    Record operator()(Kind kind, std::string const& id) const {
        Record record;
        record.at = now;
        record.kind = kind;
        record.id = id;
        return record;
    }
};

void add(observe::MessageReceived const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::receive, e.id);
    record.session = e.session;
    record.sender = text_of(e.from);
    record.client = e.client.to_text();
    record.size = e.size;
    record.reply = e.message_id;
    to.push_back(std::move(record));
}

void add(observe::MessageRejected const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::fail, e.id);
    record.sender = text_of(e.from);
    record.client = e.client.to_text();
    record.reply = e.status.to_log();
    to.push_back(std::move(record));
}

void add(observe::RecipientDecided const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::resolve, e.id);
    record.session = e.session;
    record.sender = text_of(e.from);
    if (!e.session.empty()) record.client = e.client.to_text();
    record.original = e.address;
    record.recipient = e.address;
    record.reply = mail::to_id(e.reason);
    if (!e.routes.empty()) record.host = e.routes.front().host;
    if (e.decision) record.decision = control::to_json(e.address, *e.decision);
    record.config = base.config;
    to.push_back(record);
    for (auto const& route : e.routes) {
        bool const leaves = e.reason == mail::Reason::custom_recipient;
        if (route.rcpt == e.address && !leaves) continue;
        auto redirect = base(Kind::redirect, e.id);
        redirect.recipient = route.rcpt;
        redirect.original = e.address;
        redirect.host = route.host;
        to.push_back(std::move(redirect));
    }
}

void add(observe::RecipientRefused const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::resolve, e.id);
    record.session = e.session;
    record.sender = text_of(e.from);
    record.client = e.client.to_text();
    record.original = e.address;
    record.recipient = e.address;
    record.reply = fmt::format("{} {}", e.status.to_log(), mail::to_id(e.reason));
    if (e.decision) record.decision = control::to_json(e.address, *e.decision);
    record.config = base.config;
    to.push_back(std::move(record));
}

std::string by_text(std::string const& operator_name) {
    return operator_name.empty() ? std::string() : " by " + operator_name;
}

void add(observe::DeliveryAttempted const& e, Base const& base, RecordList& to) {
    auto const kind =
        e.status.is_positive() ? Kind::send : (e.status.is_transient() ? Kind::defer : Kind::fail);
    auto record = base(kind, e.id);
    record.recipient = e.rcpt;
    record.original = e.original;
    record.host = e.host;
    record.reply = e.status.to_log() + by_text(e.by);
    to.push_back(std::move(record));
}

void add(observe::RecipientMoved const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::redirect, e.id);
    record.recipient = e.rcpt;
    record.original = e.original;
    record.host = e.to;
    record.reply = fmt::format("moved from {} by {}", e.from, e.by);
    to.push_back(std::move(record));
}

void add(observe::ReportSent const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::dsn, e.about);
    record.related = e.id;
    record.recipient = text_of(e.to);
    record.reply = observe::to_text(e.kind);
    if (e.reason) record.reply += fmt::format(" {}", mail::to_id(*e.reason));
    record.size = e.size;
    to.push_back(std::move(record));
}

void add(observe::ReportSuppressed const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::drop, e.about);
    record.original = e.address;
    record.recipient = e.address;
    record.reply = e.status.to_log() + by_text(e.by);
    to.push_back(std::move(record));
}

void add(observe::MessageSetAside const& e, Base const& base, RecordList& to) {
    auto record = base(Kind::drop, e.id);
    record.reply = "damaged: " + e.what;
    to.push_back(std::move(record));
}

void hide(std::string& address) {
    auto const at = address.rfind('@');
    if (at != std::string::npos) address.replace(0, at, "*");
}

}  // namespace

std::vector<Record> records_of(
    observe::Event const& event, std::string const& config, mail::Instant now
) {
    RecordList records;
    Base const base{config, now};
    std::visit(
        [&]<class One>(One const& one) {
            if constexpr (requires { add(one, base, records); }) add(one, base, records);
        },
        event
    );
    return records;
}

// The decision quotes the address and the entry; a host's reply may quote the address.
void hide_people(Record& record) {
    for (auto* address : {&record.sender, &record.recipient, &record.original}) hide(*address);
    record.decision.clear();
    if (record.kind == Kind::receive) record.reply.clear();
    bool const is_said_by_a_host =
        record.kind == Kind::send || record.kind == Kind::defer || record.kind == Kind::fail;
    auto const code = record.reply.find(' ');
    auto const text = code == std::string::npos ? code : record.reply.find(' ', code + 1);
    if (is_said_by_a_host && text != std::string::npos) record.reply.resize(text);
    record.client.clear();
}

void HistoryFeed::set_config(std::string hash) {
    std::lock_guard const lock(mutex_);
    config_ = std::move(hash);
}

void HistoryFeed::see(observe::Event const& event) {
    std::string config;
    if (std::holds_alternative<observe::RecipientDecided>(event) ||
        std::holds_alternative<observe::RecipientRefused>(event)) {
        std::lock_guard const lock(mutex_);
        config = config_;
    }
    for (auto& record : records_of(event, config, std::chrono::system_clock::now())) {
        if (!full_addresses_) hide_people(record);
        recorder_.record(std::move(record));
    }
}

}  // namespace splitmx::relay
