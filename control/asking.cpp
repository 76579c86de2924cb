#include "control/asking.hpp"

#include "control/decision_json.hpp"
#include "control/decision_text.hpp"

namespace splitmx::control {

mail::Result<Asker> read_asker(AskedWith const& flags) {
    auto const from = mail::ReversePath::parse(flags.from);
    if (!from) return mail::Error{"--from: " + from.error().what, 0};
    auto const client = mail::IpAddress::parse(flags.client);
    if (!client) return mail::Error{"--client: " + client.error().what, 0};
    Asker asker{*from, {*client, {}, flags.listener, flags.identity}};
    if (!flags.local_address.empty()) {
        auto const local = mail::IpAddress::parse(flags.local_address);
        if (!local) return mail::Error{"--local-address: " + local.error().what, 0};
        asker.client.local_address = *local;
    }
    return asker;
}

json::object to_json(AskedWith const& flags) {
    json::object object;
    object["from"] = flags.from;
    object["client"] = flags.client;
    object["local_address"] = flags.local_address;
    object["listener"] = flags.listener;
    if (flags.identity) object["identity"] = *flags.identity;
    return object;
}

AskedWith read_flags(json::object const& arguments) {
    AskedWith flags;
    if (arguments.contains("from")) flags.from = text_of(arguments, "from");
    if (arguments.contains("client")) flags.client = text_of(arguments, "client");
    flags.local_address = text_of(arguments, "local_address");
    flags.listener = text_of(arguments, "listener");
    if (arguments.contains("identity")) flags.identity = text_of(arguments, "identity");
    return flags;
}

Batch::Batch(std::span<std::string const> addresses, AskerOf const& asker_of)
    : decisions_(addresses.size()) {
    queries_.reserve(addresses.size());
    places_.reserve(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        auto path = mail::ForwardPath::parse(addresses[i]);
        if (path) {
            auto const& asker = asker_of(i);
            queries_.push_back({std::move(*path), asker.from, asker.client, false});
            places_.push_back(i);
        } else {
            decisions_[i] = resolver::refuse_bad_address(addresses[i], path.error().what);
        }
    }
}

std::vector<resolver::Decision> Batch::finish(std::vector<resolver::Decision>&& decided) {
    for (std::size_t i = 0; i < places_.size(); ++i) decisions_[places_[i]] = std::move(decided[i]);
    std::vector<resolver::Decision> all;
    all.reserve(decisions_.size());
    for (auto& decision : decisions_) all.push_back(std::move(*decision));
    return all;
}

std::string_view to_text(Format format) {
    switch (format) {
        case Format::summary:
            return "summary";
        case Format::explanation:
            return "explanation";
        case Format::json:
            return "json";
    }
    return {};
}

Format read_format(json::object const& arguments) {
    auto const text = text_of(arguments, "format");
    for (auto const format : {Format::explanation, Format::json}) {
        if (text == to_text(format)) return format;
    }
    return Format::summary;
}

std::string print(
    std::string_view address,
    resolver::Decision const& decision,
    directory::Health const& directory,
    Format format
) {
    switch (format) {
        case Format::summary:
            return summary(address, decision);
        case Format::explanation:
            return explanation(address, decision, directory);
        case Format::json:
            return to_json(address, decision, directory) + "\n";
    }
    return {};
}

int exit_code_of(resolver::Decision const& decision) {
    constexpr int unknown_recipient = 67;
    constexpr int temporary = 75;
    switch (decision.verdict) {
        case resolver::Verdict::deliver:
            return decision.failed.empty() ? 0 : unknown_recipient;
        case resolver::Verdict::defer:
            return temporary;
        case resolver::Verdict::refuse:
        case resolver::Verdict::bounce:
            break;
    }
    return unknown_recipient;
}

}  // namespace splitmx::control
