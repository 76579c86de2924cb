#include "admin/setup_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::admin {

namespace {

constexpr std::string_view lmtp_prefix = "lmtp:";

using Pair = std::pair<std::string_view, std::string>;

// Keys in one column.
std::string section(std::string_view comment, std::string_view heading, std::vector<Pair> pairs) {
    std::erase_if(pairs, [](Pair const& pair) { return pair.second.empty(); });
    std::size_t width = 0;
    for (auto const& pair : pairs) width = std::max(width, pair.first.size());
    std::string text = "\n";
    if (!comment.empty()) text += fmt::format("# {}\n", comment);
    text += fmt::format("{}\n", heading);
    for (auto const& [key, value] : pairs) text += fmt::format("{:<{}} = {}\n", key, width, value);
    return text;
}

std::string host_section(std::string_view comment, std::string_view name, SetupHost const& host) {
    if (host.addresses.empty()) return {};
    return section(
        comment,
        fmt::format("[host.{}]", name),
        {{"address", toml_strings(host.addresses)},
         {"protocol", host.is_lmtp ? toml_string("lmtp") : ""},
         {"networks", host.networks.empty() ? "" : toml_strings(host.networks)}}
    );
}

std::string domain_sections(SetupPlan const& plan) {
    std::string text;
    if (!plan.own.empty()) {
        text += section(
            "Ours: whom the directory does not have, does not exist (Q264557).",
            "[[domain]]",
            {{"name", toml_strings(plan.own)}, {"action", toml_string("inbound")}}
        );
    }
    if (!plan.shared.empty()) {
        text += section(
            "Shared with another mail system: its people are custom recipients here (Q258203).",
            "[[domain]]",
            {{"name", toml_strings(plan.shared)},
             {"action", toml_string("inbound")},
             {"host", plan.foreign.addresses.empty() ? "" : toml_string("foreign")}}
        );
    }
    if (plan.relayed.empty()) return text;
    return text + section(
                      "Another organisation's, whole: the directory is not asked (Q201127).",
                      "[[domain]]",
                      {{"name", toml_strings(plan.relayed)},
                       {"action", toml_string("relay")},
                       {"always_relay", "true"},
                       {"host", plan.partner.addresses.empty() ? "" : toml_string("partner")}}
                  );
}

std::string host_sections(SetupPlan const& plan) {
    auto text = host_section(
        "For mailboxes whose entry names no host of its own.", "mailboxes", plan.mailboxes
    );
    text += host_section(
        plan.foreign.networks.empty()
            ? "The other mail system. `networks` would say where its own mail comes from."
            : "The other mail system, and where its own mail comes from.",
        "foreign",
        plan.foreign
    );
    text += host_section("The other organisation's relay.", "partner", plan.partner);
    return text + host_section("For all other domains.", "outbound", plan.outbound);
}

std::string routing_section(SetupPlan const& plan) {
    if (plan.mailboxes.addresses.empty() && plan.outbound.addresses.empty()) return {};
    return section(
        "",
        "[routing]",
        {{"mailbox_host", plan.mailboxes.addresses.empty() ? "" : toml_string("mailboxes")},
         {"outbound", plan.outbound.addresses.empty() ? "" : toml_string("outbound")}}
    );
}

}  // namespace

std::string to_toml(SetupPlan const& plan) {
    auto text = fmt::format(
        "# Which mail goes where. Made by `splitmx setup`{}; yours from now on.\n"
        "# What a key means: splitmx config explain KEY, or splitmx.toml(5).\n",
        plan.made.empty() ? "" : " on " + plan.made
    );
    if (!plan.hostname.empty()) {
        text += section(
            "",
            "[server]",
            {{"hostname", toml_string(plan.hostname)},
             {"postmaster", plan.postmaster.empty() ? "" : toml_string(plan.postmaster)}}
        );
    }
    if (!plan.listen.empty()) {
        text += section("", "[[listen]]", {{"address", toml_strings(plan.listen)}});
    }
    if (!plan.allow.empty()) {
        text += section(
            "Who may send to domains that are not ours.",
            "[relay]",
            {{"allow", toml_strings(plan.allow)}}
        );
    }
    if (!plan.directory.uris.empty()) {
        text += "\n";
        if (!plan.people.empty()) text += fmt::format("# {} when it was read.\n", plan.people);
        text += to_toml(plan.directory);
    }
    return text + domain_sections(plan) + host_sections(plan) + routing_section(plan);
}

std::vector<std::string> words_in(std::string_view answer) {
    constexpr std::string_view between = " ,\t";
    std::vector<std::string> words;
    for (std::size_t at = 0; at < answer.size();) {
        auto const end = std::min(answer.find_first_of(between, at), answer.size());
        if (end > at) words.emplace_back(answer.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

SetupHost setup_host(std::string_view answer) {
    SetupHost host;
    for (auto& word : words_in(answer)) {
        bool const lmtp = word.starts_with(lmtp_prefix);
        host.is_lmtp = host.is_lmtp || lmtp;
        host.addresses.push_back(lmtp ? word.substr(lmtp_prefix.size()) : std::move(word));
    }
    return host;
}

}  // namespace splitmx::admin
