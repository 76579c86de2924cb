// A row as one line of JSON, and back.
#include "mail/clock.hpp"

#include <boost/json.hpp>

#include <array>
#include <chrono>

#include "queue/row.hpp"

namespace splitmx::queue {

namespace {

namespace json = boost::json;

// Boost.JSON writes what it is given: octets that are no UTF-8 must not reach it.
json::string text_of(std::string const& text) { return json::string(mail::to_log_text(text)); }

void add(json::object& object, char const* name, std::string const& text) {
    if (!text.empty()) object[name] = text_of(text);
}

json::object to_object(RecipientRow const& recipient) {
    json::object object;
    object["address"] = text_of(recipient.address);
    object["original"] = text_of(recipient.original);
    add(object, "host", recipient.host);
    add(object, "moved_from", recipient.moved_from);
    add(object, "kind", recipient.kind);
    add(object, "entry", recipient.entry);
    object["state"] = recipient.state;
    object["attempts"] = recipient.attempts;
    if (recipient.next_attempt) object["next_attempt"] = mail::to_seconds(*recipient.next_attempt);
    add(object, "last_answer", recipient.last_answer);
    add(object, "last_host", recipient.last_host);
    return object;
}

// Reads members of one object; keeps the name of the first that is not as it should be.
class Members {
public:
    explicit Members(json::object const& object) : object_(object) {}

    std::string text(char const* name, bool required) {
        auto const* value = object_.if_contains(name);
        if (value == nullptr) {
            if (required) fail(name);
            return {};
        }
        if (auto const* found = value->if_string())
            return std::string(found->c_str(), found->size());
        fail(name);
        return {};
    }

    std::optional<std::int64_t> number(char const* name, bool required) {
        auto const* value = object_.if_contains(name);
        if (value == nullptr && !required) return std::nullopt;
        boost::system::error_code wrong;
        auto const found = value ? value->to_number<std::int64_t>(wrong) : -1;
        if (value == nullptr || wrong || found < 0) {
            fail(name);
            return std::nullopt;
        }
        return found;
    }

    std::optional<mail::Instant> time(char const* name, bool required) {
        auto const seconds = number(name, required);
        if (!seconds) return std::nullopt;
        if (*seconds > mail::to_seconds(mail::Instant::max())) {
            fail(name);
            return std::nullopt;
        }
        return mail::Instant(std::chrono::seconds(*seconds));
    }

    void fail(char const* name) {
        if (wrong_.empty()) wrong_ = name;
    }
    std::string const& wrong() const { return wrong_; }

private:
    json::object const& object_;
    std::string wrong_;
};

RecipientRow read_recipient(Members& in) {
    RecipientRow recipient;
    recipient.address = in.text("address", true);
    recipient.original = in.text("original", true);
    recipient.host = in.text("host", false);
    recipient.moved_from = in.text("moved_from", false);
    recipient.kind = in.text("kind", false);
    recipient.entry = in.text("entry", false);
    recipient.state = in.text("state", true);
    recipient.attempts = static_cast<unsigned>(in.number("attempts", true).value_or(0));
    recipient.next_attempt = in.time("next_attempt", false);
    recipient.last_answer = in.text("last_answer", false);
    recipient.last_host = in.text("last_host", false);
    return recipient;
}

std::optional<Place> place_named(std::string_view word) {
    for (auto const place :
         {Place::incoming, Place::active, Place::deferred, Place::hold, Place::damaged}) {
        if (word == to_text(place)) return place;
    }
    return std::nullopt;
}

void read_recipients(json::object const& object, Row& row, Members& in) {
    auto const* found = object.if_contains("recipients");
    auto const* all = found ? found->if_array() : nullptr;
    if (all == nullptr) return in.fail("recipients");
    for (auto const& one : *all) {
        if (!one.is_object()) return in.fail("recipients");
        Members members(one.get_object());
        row.recipients.push_back(read_recipient(members));
        if (!members.wrong().empty()) return in.fail("recipients");
    }
}

}  // namespace

std::string to_json(Row const& row) {
    json::object object;
    object["queue_name"] = to_text(row.place);
    object["queue_id"] = row.id.to_text();
    object["arrival_time"] = mail::to_seconds(row.arrived);
    object["message_size"] = row.size;
    object["sender"] = text_of(row.sender);
    add(object, "client", row.client);
    add(object, "listener", row.listener);
    object["report"] = row.is_report;
    add(object, "note", row.note);
    auto& recipients = object["recipients"].emplace_array();
    for (auto const& recipient : row.recipients) recipients.push_back(to_object(recipient));
    return json::serialize(object);
}

mail::Result<Row> from_json(std::string_view line) {
    boost::system::error_code wrong;
    auto const value = json::parse(json::string_view(line.data(), line.size()), wrong);
    if (wrong || !value.is_object()) return mail::Error{"a row is a JSON object", 0};
    auto const& object = value.get_object();
    Members in(object);
    Row row;
    auto const place = place_named(in.text("queue_name", true));
    if (place)
        row.place = *place;
    else
        in.fail("queue_name");
    auto const id = spool::SpoolId::parse(in.text("queue_id", true));
    if (id)
        row.id = *id;
    else
        in.fail("queue_id");
    row.arrived = in.time("arrival_time", true).value_or(mail::Instant());
    row.size = static_cast<std::uint64_t>(in.number("message_size", true).value_or(0));
    row.sender = in.text("sender", true);
    row.client = in.text("client", false);
    row.listener = in.text("listener", false);
    auto const* report = object.if_contains("report");
    row.is_report = report != nullptr && report->is_bool() && report->get_bool();
    row.note = in.text("note", false);
    read_recipients(object, row, in);
    if (!in.wrong().empty()) return mail::Error{"a row with a wrong \"" + in.wrong() + "\"", 0};
    return row;
}

}  // namespace splitmx::queue
