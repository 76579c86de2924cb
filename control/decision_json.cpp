#include "control/decision_json.hpp"

#include <fmt/format.h>

#include "control/protocol.hpp"

namespace splitmx::control {

namespace {

// JSON is UTF-8, and so is what this gives; a directory or a command line may hold anything.
std::string readable(std::string_view text) { return mail::to_log_text(text); }

json::object route_object(resolver::Route const& route) {
    json::array addresses;
    for (auto const& address : route.host->addresses) addresses.emplace_back(address.text);
    json::object object;
    object["rcpt"] = route.rcpt.to_wire();
    object["original"] = readable(route.original);
    object["kind"] = resolver::to_text(route.kind);
    object["host"] = route.host->name;
    object["addresses"] = std::move(addresses);
    object["protocol"] = resolver::to_text(route.host->protocol);
    if (route.entry)
        object["entry"] = readable(route.entry->text);
    else
        object["entry"] = nullptr;
    return object;
}

json::object failed_object(resolver::FailedRecipient const& failed) {
    json::object object;
    object["rcpt"] = readable(failed.rcpt);
    object["reason"] = mail::to_id(failed.reason);
    object["code"] = failed.status.code;
    object["enhanced"] = failed.status.enhanced_text();
    return object;
}

json::object step_object(resolver::TraceStep const& step) {
    json::object object;
    object["rule"] = resolver::to_id(step.rule);
    object["subject"] = readable(step.subject);
    object["source"] = readable(step.source);
    return object;
}

template <class Items, class Convert>
json::array to_array(Items const& items, Convert convert) {
    json::array array;
    for (auto const& item : items) array.push_back(convert(item));
    return array;
}

}  // namespace

std::string to_json(std::string_view address, resolver::Decision const& decision) {
    json::object object;
    object["address"] = readable(address);
    object["verdict"] = resolver::to_text(decision.verdict);
    object["reason"] = mail::to_id(decision.reason);
    object["code"] = decision.status.code;
    object["enhanced"] = decision.status.enhanced_text();
    object["text"] = decision.status.text;
    object["routes"] = to_array(decision.routes, route_object);
    object["failed"] = to_array(decision.failed, failed_object);
    object["trace"] = to_array(decision.trace, step_object);
    return json::serialize(object);
}

std::string to_json(
    std::string_view address, resolver::Decision const& decision, directory::Health const& directory
) {
    // Boost.JSON writes 0.0 as 0E0, which people take for a fault.
    auto text = to_json(address, decision);
    text.pop_back();
    auto const state = directory::to_text(directory.state);
    return fmt::format(
        "{},\"directory\":{{\"state\":\"{}\",\"age_s\":{:.1f}}}}}", text, state, directory.age_s
    );
}

}  // namespace splitmx::control
