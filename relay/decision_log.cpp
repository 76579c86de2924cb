#include "relay/decision_log.hpp"

#include "mail/date_time.hpp"
#include "observe/json_object.hpp"

#include <fmt/format.h>

#include <utility>

#include "control/decision_json.hpp"

namespace splitmx::relay {

namespace {

using observe::JsonObject;

// What both kinds of events have, and then the members of the decision.
template <class Decided>
std::string line_of(Decided const& e, std::string const& config, mail::Instant now) {
    if (e.decision == nullptr) return {};
    std::string line;
    JsonObject object(line);
    object.text("time", mail::to_timestamp(now)).text("id", e.id);
    object.text_unless_empty("session", e.session);
    if (!e.session.empty()) {
        object.text("from", e.from.is_null() ? std::string() : e.from.to_wire());
        object.text("client", e.client.to_text());
    }
    object.text("config", config);
    auto const decision = control::to_json(e.address, *e.decision);
    line += ',';
    line.append(decision, 1);  // without its brace
    return line;
}

}  // namespace

std::string decision_line(
    observe::Event const& event, std::string const& config, mail::Instant now
) {
    if (auto const* e = std::get_if<observe::RecipientDecided>(&event))
        return line_of(*e, config, now);
    if (auto const* e = std::get_if<observe::RecipientRefused>(&event))
        return line_of(*e, config, now);
    return {};
}

mail::Result<std::unique_ptr<DecisionLog>> DecisionLog::open(std::filesystem::path file) {
    auto opened = observe::LineFile::open(std::move(file), [](std::size_t dropped) {
        return fmt::format("{{\"dropped\":{}}}", dropped);
    });
    if (!opened) return opened.error();
    return std::unique_ptr<DecisionLog>(new DecisionLog(std::move(*opened)));
}

void DecisionLog::set_config(std::string hash) {
    std::lock_guard const lock(mutex_);
    config_ = std::move(hash);
}

void DecisionLog::see(observe::Event const& event) {
    if (!std::holds_alternative<observe::RecipientDecided>(event) &&
        !std::holds_alternative<observe::RecipientRefused>(event))
        return;
    std::string config;
    {
        std::lock_guard const lock(mutex_);
        config = config_;
    }
    auto line = decision_line(event, config, std::chrono::system_clock::now());
    if (!line.empty()) file_->write(std::move(line));
}

}  // namespace splitmx::relay
