#include "admin/directory_section.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace splitmx::admin {

namespace {

std::string map_text(std::vector<schema::KeyAndValue> const& map) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<std::string>> values;
    for (auto const& [key, value] : map) {
        if (!values.contains(key)) order.push_back(key);
        values[key].push_back(value);
    }
    std::string text = "\n[directory.main.map]\n";
    for (auto const& key : order)
        text += fmt::format("{:<16} = {}\n", key, toml_strings(values[key]));
    return text;
}

}  // namespace

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    for (char const c : text) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7F) {
            quoted += fmt::format("\\u{:04X}", octet);
            continue;
        }
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string toml_strings(std::vector<std::string> const& texts) {
    if (texts.size() == 1) return toml_string(texts.front());
    std::vector<std::string> quoted;
    for (auto const& text : texts) quoted.push_back(toml_string(text));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string to_toml(DirectorySection const& section) {
    auto text = fmt::format("[directory.main]\nuri      = {}\n", toml_strings(section.uris));
    auto const add = [&text](std::string_view key, std::string const& value) {
        if (!value.empty()) text += fmt::format("{:<8} = {}\n", key, toml_string(value));
    };
    add("base", section.base);
    add("bind_dn", section.bind_dn);
    if (!section.password.empty()) {
        text += fmt::format(
            "password = {}  # or credential:NAME, env:NAME\n", toml_string(section.password)
        );
    }
    if (section.starttls) {
        text += fmt::format("starttls = {}\n", *section.starttls ? "true" : "false");
    }
    add("tls_ca", section.tls_ca);
    add("profile", section.profile);
    return section.map.empty() ? text : text + map_text(section.map);
}

std::string server_text(directory::SeenServer const& seen) {
    auto text = fmt::format("{}, {}", seen.uri, ldap::to_text(seen.facts.vendor));
    return seen.facts.version.empty() ? text : text + " " + seen.facts.version;
}

std::string counts_of(schema::Guess const& guess) {
    return fmt::format(
        "{} mailboxes, {} custom recipients, {} groups",
        guess.mailboxes,
        guess.custom_recipients,
        guess.groups
    );
}

std::string_view confidence(schema::Guess const& guess, std::size_t samples) {
    if (samples < 5) return "low: there are few entries to go by";
    if (guess.recipients() * 10 >= samples * 9 && guess.custom_recipients > 0) return "high";
    if (guess.recipients() * 2 >= samples) return "medium";
    return "low: most entries are nobody to it";
}

}  // namespace splitmx::admin
