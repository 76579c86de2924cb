#include "config/value_check.hpp"

#include "config/suggestion.hpp"
#include "config/values.hpp"
#include "resolver/domain_pattern.hpp"
#include "resolver/next_hop.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::config {

namespace {

std::string example(KeyInfo const& key) {
    return fmt::format("such as {} = {}", key.name, key.good);
}

std::optional<Problem> bad_word(KeyInfo const& key, std::string const& text) {
    auto const words = words_of(key);
    if (std::find(words.begin(), words.end(), text) != words.end()) return std::nullopt;
    std::string list;
    for (auto const& word : words) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", word);
    auto const meant = nearest(text, words);
    return Problem{
        fmt::format("\"{}\" is not a value of \"{}\"", text, key.name),
        meant.empty() ? "one of " + list : did_you_mean(meant)};
}

std::optional<Problem> bad_pattern(std::string const& text) {
    auto const star = text.find('*');
    if (star != std::string::npos) {
        auto const tail = tidy_domain(text.substr(star + 1));
        auto const name = tail.starts_with('.') ? tail.substr(1) : std::string();
        return Problem{
            fmt::format("\"{}\" is no domain", text),
            name.empty()
                ? "name each domain; mail for all others goes by [routing] outbound"
                : fmt::format(
                      "write \"{}\", which covers its subdomains, or \".{}\" for those alone",
                      name,
                      name
                  )};
    }
    auto const pattern = resolver::DomainPattern::parse(text);
    if (pattern) return std::nullopt;
    return Problem{pattern.error().what, {}};
}

std::optional<Problem> bad_uri(KeyInfo const& key, std::string const& text) {
    auto const has_more_than = [&](std::string_view scheme) {
        return text.starts_with(scheme) && text.size() > scheme.size();
    };
    if (has_more_than("ldap://") || has_more_than("ldaps://") || text.starts_with("ldapi://") ||
        has_more_than("ldif:")) {
        return std::nullopt;
    }
    return Problem{fmt::format("\"{}\" is no URI of a directory", text), example(key)};
}

template <class T>
std::optional<Problem> bad(KeyInfo const& key, mail::Result<T> const& result) {
    if (result) return std::nullopt;
    return Problem{result.error().what, example(key)};
}

std::optional<Problem> bad_text(KeyInfo const& key, std::string const& text) {
    switch (key.type) {
        case ValueType::size:
            return bad(key, parse_size(text));
        case ValueType::duration:
            return bad(key, parse_duration(text));
        case ValueType::duration_or_never:
            if (text == "never") return std::nullopt;
            return bad(key, parse_duration(text));
        case ValueType::word:
            return bad_word(key, text);
        case ValueType::domain:
            return bad(key, parse_domain(text));
        case ValueType::domain_pattern:
            return bad_pattern(text);
        case ValueType::mailbox:
            return bad(key, mail::Mailbox::parse(text));
        case ValueType::ip_address:
            return bad(key, mail::IpAddress::parse(text));
        case ValueType::network:
            return bad(key, mail::Network::parse(text));
        case ValueType::listen_address:
            if (!key.words.empty() && !bad_word(key, text)) return std::nullopt;
            return bad(key, parse_endpoint(text, std::nullopt));
        case ValueType::dns_server:
            return bad(key, parse_endpoint(text, 53));
        case ValueType::host_address:
            return bad(key, resolver::HostAddress::parse(text, resolver::Protocol::smtp));
        case ValueType::directory_uri:
            return bad_uri(key, text);
        case ValueType::key_file:
            if (!is_key_text(text)) return std::nullopt;
            return Problem{"the key itself does not belong here", "name its file"};
        case ValueType::text:
        case ValueType::path:
        case ValueType::secret:
        case ValueType::host_reference:
        case ValueType::boolean:
        case ValueType::count:
            return std::nullopt;
    }
    return std::nullopt;
}

Problem wrong_type(KeyInfo const& key) {
    return {fmt::format("\"{}\" must be {}", key.name, describe(key.type)), example(key)};
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7F; }

void warn_if_untidy(KeyInfo const& key, Value const& value, Findings& findings) {
    if (key.type != ValueType::domain && key.type != ValueType::domain_pattern) return;
    auto const& text = *value.text();
    if (text.starts_with('[')) return;  // a literal has its own way of writing
    auto const tidy = tidy_domain(text);
    if (tidy != text) {
        findings.warning(value.position, fmt::format("\"{}\" is read as \"{}\"", text, tidy));
    }
}

void check_element(KeyInfo const& key, Value const& value, Findings& findings) {
    if (auto problem = problem_of(key, value)) {
        findings.error(value.position, std::move(problem->text), std::move(problem->hint));
    } else {
        warn_if_untidy(key, value, findings);
    }
}

}  // namespace

std::optional<Problem> problem_of(KeyInfo const& key, Value const& value) {
    if (key.type == ValueType::boolean) {
        if (std::holds_alternative<bool>(value.content)) return std::nullopt;
        return wrong_type(key);
    }
    if (key.type == ValueType::count) {
        auto const* number = std::get_if<std::int64_t>(&value.content);
        if (number == nullptr) return wrong_type(key);
        if (*number >= key.min && *number <= key.max) return std::nullopt;
        return Problem{
            fmt::format("\"{}\" must be between {} and {}", key.name, key.min, key.max), {}};
    }
    auto const* text = value.text();
    if (text == nullptr) return wrong_type(key);
    if (text->empty()) return Problem{fmt::format("\"{}\" is empty", key.name), example(key)};
    if (std::any_of(text->begin(), text->end(), is_control)) {
        return Problem{fmt::format("\"{}\" has a control character in it", key.name), {}};
    }
    return bad_text(key, *text);
}

void check_value(KeyInfo const& key, Value const& value, Findings& findings) {
    auto const* items = value.array();
    if (items == nullptr) return check_element(key, value, findings);
    if (!key.list) {
        return findings.error(
            value.position, fmt::format("\"{}\" is one value, not a list", key.name), example(key)
        );
    }
    if (items->empty() && key.required) {
        findings.error(value.position, fmt::format("\"{}\" is empty", key.name), example(key));
    }
    for (auto const& item : *items) check_element(key, item, findings);
}

}  // namespace splitmx::config
