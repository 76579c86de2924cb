#include "relay/desk/foretell.hpp"

#include "relay/hop.hpp"
#include "relay/meant_recipients.hpp"
#include "relay/move.hpp"

namespace splitmx::relay::desk {

namespace json = control::json;

namespace {

std::string_view to_text(OperationResult result) {
    switch (result) {
        case OperationResult::done:
            return "done";
        case OperationResult::not_here:
            return "not_here";
        case OperationResult::in_delivery:
            return "in_delivery";
        case OperationResult::is_held:
            return "is_held";
        case OperationResult::not_held:
            return "not_held";
        case OperationResult::unmoved:
            return "unmoved";
        case OperationResult::would_loop:
            return "would_loop";
        case OperationResult::not_written:
            return "not_written";
    }
    return {};
}

// Of what ends delivery: to whom.
queue::Filter const* filter_of(QueueOperation const& operation) {
    if (auto const* bounce = std::get_if<Bounce>(&operation)) return &bounce->filter;
    auto const* drop = std::get_if<Drop>(&operation);
    return drop != nullptr ? &drop->filter : nullptr;
}

}  // namespace

std::optional<QueueOperation> operation_of(
    json::object const& arguments, queue::Filter const& filter, std::string const& by
) {
    auto const name = control::text_of(arguments, "operation");
    auto const text = control::text_of(arguments, "text");
    if (name == "retry") return Retry{};
    if (name == "hold") return Hold{text};
    if (name == "release") return Release{};
    if (name == "bounce") {
        return Bounce{text, !control::flag_of(arguments, "no_report"), filter, by};
    }
    if (name == "drop") return Drop{filter, by};
    if (name == "move") return Move{control::text_of(arguments, "to_host"), filter, by};
    return std::nullopt;
}

std::optional<std::string> wrong_host(
    QueueOperation const& operation, resolver::RoutingTable const& table
) {
    auto const* const move = std::get_if<Move>(&operation);
    if (move == nullptr || move->host.empty() || table.hosts.contains(move->host)) {
        return std::nullopt;
    }
    return no_such_host(move->host, table);
}

std::optional<std::string> wrong_host(
    queue::Filter const& filter, resolver::RoutingTable const& table
) {
    for (auto const& name : filter.host) {
        bool const is_plain = name.find_first_of(".:[") == std::string::npos;
        if (is_plain && !table.host_named(name)) return no_such_host(name, table);
    }
    return std::nullopt;
}

std::optional<OperationAnswer> foretell(
    QueueOperation const& operation,
    spool::QueueItem const& item,
    resolver::RoutingTable const& table,
    mail::Instant now
) {
    if (std::holds_alternative<Release>(operation) && !item.held) return std::nullopt;
    bool const is_of_unheld =
        std::holds_alternative<Retry>(operation) || std::holds_alternative<Hold>(operation);
    if (is_of_unheld && item.held) return std::nullopt;
    OperationAnswer answer;
    answer.result = OperationResult::done;
    if (auto const* const meant = filter_of(operation)) {
        answer.recipients = meant_recipients(item, *meant).size();
        answer.others = count_pending(item) - answer.recipients;
        if (answer.recipients == 0) return std::nullopt;
    }
    if (auto const* move = std::get_if<Move>(&operation)) {
        auto const moved = move_recipients(item, *move, table, now);
        answer.recipients = moved.recipients.size();
        if (answer.recipients == 0 && !moved.would_loop) return std::nullopt;
        if (answer.recipients == 0) answer.result = OperationResult::would_loop;
    }
    return answer;
}

void add_hops(
    std::set<std::string>& hops,
    QueueOperation const& operation,
    spool::QueueItem const& item,
    resolver::RoutingTable const& table
) {
    auto const* const move = std::get_if<Move>(&operation);
    bool const is_elsewhere = move != nullptr && !move->host.empty();
    for (auto const& recipient : item.recipients) {
        if (recipient.state != spool::RecipientState::pending) continue;
        if (reason_of_failed_hop(recipient.hop)) continue;
        auto hop = is_elsewhere ? hop_of_name(move->host, table) : recipient.hop;
        if (!hop.empty()) hops.insert(std::move(hop));
    }
}

json::array hosts_object(std::set<std::string> const& hops, resolver::RoutingTable const& table) {
    json::array hosts;
    for (auto const& hop : hops) {
        json::object host;
        host["name"] = mail::to_log_text(host_name(hop));
        auto& addresses = host["addresses"].emplace_array();
        if (auto const known = host_of(hop, table)) {
            for (auto const& address : known->addresses) addresses.emplace_back(address.text);
        }
        hosts.push_back(std::move(host));
    }
    return hosts;
}

void add_answer(json::object& row, OperationAnswer const& answer) {
    row["result"] = to_text(answer.result);
    if (!answer.why.empty()) row["why"] = mail::to_log_text(answer.why);
    if (answer.recipients > 0) row["hits"] = answer.recipients;
    if (answer.others > 0) row["stays"] = answer.others;
}

}  // namespace splitmx::relay::desk
