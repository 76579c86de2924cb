#include "schema/custom_profile.hpp"

#include "ldap/entry.hpp"
#include "mail/mailbox.hpp"
#include "schema/attributes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace splitmx::schema {

namespace {

constexpr std::array<std::string_view, 17> keys = {
    "filter",
    "addresses",
    "primary",
    "syntax",
    "x500",
    "mailbox",
    "custom_recipient",
    "group",
    "target",
    "host",
    "disabled",
    "hidden",
    "alternate",
    "both",
    "accept_from",
    "reject_from",
    "members"};

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

class Builder {
public:
    explicit Builder(std::span<KeyAndValue const> map) : map_(map) {}

    CustomProfileResult build();

private:
    std::vector<std::string_view> values(std::string_view key) const;
    bool given(std::string_view key) const { return !values(key).empty(); }
    void fail(std::string_view key, std::string what);

    void check_keys();
    bool is_attribute(std::string_view key, std::string_view name);
    std::string attribute(std::string_view key);
    std::vector<std::string> attributes(std::string_view key);
    Conditions conditions(std::string_view key, Condition::Form of_a_bare_attribute);
    std::optional<Condition> condition(
        std::string_view key, std::string_view text, Condition::Form of_a_bare_attribute
    );
    AddressSyntax syntax();
    void read_addresses();
    void read_kinds();
    void read_others();
    void read_filter();
    void check_combinations();

    std::span<KeyAndValue const> map_;
    Profile profile_;
    CustomProfileErrors errors_;
};

std::vector<std::string_view> Builder::values(std::string_view key) const {
    std::vector<std::string_view> found;
    for (auto const& [name, value] : map_) {
        if (name == key) found.push_back(trimmed(value));
    }
    return found;
}

void Builder::fail(std::string_view key, std::string what) {
    errors_.push_back({std::string(key), std::move(what)});
}

void Builder::check_keys() {
    for (auto const& [name, value] : map_) {
        if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
            fail(name, fmt::format("unknown key; there are {}", fmt::join(keys, ", ")));
        }
    }
}

bool Builder::is_attribute(std::string_view key, std::string_view name) {
    if (ldap::is_attribute_description(name)) return true;
    fail(key, fmt::format("\"{}\" is not the name of an attribute", mail::to_log_text(name)));
    return false;
}

std::string Builder::attribute(std::string_view key) {
    auto const all = values(key);
    if (all.empty()) return {};
    if (all.size() > 1) {
        fail(key, "takes one attribute, not a list");
        return {};
    }
    return is_attribute(key, all.front()) ? std::string(all.front()) : std::string();
}

std::vector<std::string> Builder::attributes(std::string_view key) {
    std::vector<std::string> names;
    for (auto const name : values(key)) {
        if (is_attribute(key, name)) names.emplace_back(name);
    }
    return names;
}

std::optional<Condition> Builder::condition(
    std::string_view key, std::string_view text, Condition::Form of_a_bare_attribute
) {
    constexpr std::string_view class_prefix = "class:";
    if (text.starts_with(class_prefix)) {
        auto const name = trimmed(text.substr(class_prefix.size()));
        if (ldap::is_attribute_description(name)) {
            return Condition{
                Condition::Form::object_class, attribute::object_class, std::string(name), ""};
        }
        fail(key, fmt::format("\"{}\" is not the name of a class", mail::to_log_text(name)));
        return std::nullopt;
    }
    auto const equals = text.find('=');
    auto const name = trimmed(text.substr(0, equals));
    if (!ldap::is_attribute_description(name)) {
        fail(
            key,
            fmt::format(
                "\"{}\" is neither an attribute, nor class:NAME, nor attr=value",
                mail::to_log_text(text)
            )
        );
        return std::nullopt;
    }
    if (equals == std::string_view::npos) {
        return Condition{of_a_bare_attribute, std::string(name), "", ""};
    }
    auto const value = trimmed(text.substr(equals + 1));
    if (value.empty()) {
        fail(key, fmt::format("\"{}\" has no value behind the =", mail::to_log_text(text)));
        return std::nullopt;
    }
    return Condition{Condition::Form::equals, std::string(name), std::string(value), ""};
}

Conditions Builder::conditions(std::string_view key, Condition::Form of_a_bare_attribute) {
    Conditions all;
    for (auto const text : values(key)) {
        if (auto one = condition(key, text, of_a_bare_attribute)) all.push_back(std::move(*one));
    }
    return all;
}

AddressSyntax Builder::syntax() {
    auto const words = values("syntax");
    if (words.empty()) return AddressSyntax::plain;
    if (words.size() > 1) fail("syntax", "takes one word, not a list");
    auto const word = words.front();
    if (word == "plain") return AddressSyntax::plain;
    if (word == "smtp-prefix") return AddressSyntax::smtp_prefix;
    if (word == "smtp-dollar") return AddressSyntax::smtp_dollar;
    fail(
        "syntax",
        fmt::format("\"{}\" is none of plain, smtp-prefix, smtp-dollar", mail::to_log_text(word))
    );
    return AddressSyntax::plain;
}

void Builder::read_addresses() {
    auto const of_all = syntax();
    if (!given("addresses")) fail("addresses", "missing: which attributes hold the addresses?");
    for (auto& name : attributes("addresses")) {
        auto const plain = ldap::equal_no_case(name, attribute::mail);
        profile_.addresses.push_back({std::move(name), plain ? AddressSyntax::plain : of_all});
    }
    profile_.primary = attribute("primary");
    profile_.x500 = attribute("x500");
}

void Builder::read_kinds() {
    profile_.target = attribute("target");
    profile_.members = attributes("members");
    profile_.group = conditions("group", Condition::Form::present);
    profile_.custom_recipient = conditions("custom_recipient", Condition::Form::present);
    profile_.mailbox = conditions("mailbox", Condition::Form::present);
    if (!given("group")) {
        for (auto const& name : profile_.members) {
            profile_.group.push_back({Condition::Form::present, name, "", ""});
        }
    }
    if (!given("custom_recipient") && !profile_.target.empty()) {
        profile_.custom_recipient = {{Condition::Form::present, profile_.target, "", ""}};
    }
    if (!given("mailbox")) profile_.mailbox = {{Condition::Form::mail_address, "", "", ""}};
}

void Builder::read_others() {
    profile_.host = attribute("host");
    profile_.disabled = conditions("disabled", Condition::Form::is_true);
    profile_.hidden = conditions("hidden", Condition::Form::is_true);
    profile_.alternate = attribute("alternate");
    profile_.both = conditions("both", Condition::Form::is_true);
    profile_.accept_from = attributes("accept_from");
    profile_.reject_from = attributes("reject_from");
}

// Without a filter of its own the profile means whoever could be something by the other keys.
void Builder::read_filter() {
    auto const texts = values("filter");
    if (texts.size() > 1) fail("filter", "takes one filter, not a list");
    if (!texts.empty()) {
        auto filter = ldap::Filter::raw(texts.front());
        if (filter) {
            profile_.filter = std::move(*filter);
        } else {
            fail("filter", fmt::format("{} (at octet {})", filter.error().what, filter.error().at));
        }
        return;
    }
    std::vector<ldap::Filter> any;
    for (auto const& address : profile_.addresses) {
        any.push_back(ldap::Filter::present(address.name));
    }
    for (auto const* kind : {&profile_.group, &profile_.custom_recipient, &profile_.mailbox}) {
        for (auto const& rule : *kind) {
            if (rule.form == Condition::Form::mail_address) continue;
            any.push_back(
                rule.form == Condition::Form::present
                    ? ldap::Filter::present(rule.attribute)
                    : ldap::Filter::equal(rule.attribute, rule.value)
            );
        }
    }
    profile_.filter = ldap::Filter::any_of(any);
}

void Builder::check_combinations() {
    if (given("custom_recipient") && !given("target")) {
        fail("custom_recipient", "needs the key target: where does its mail go?");
    }
    if (given("group") && !given("members")) {
        fail("group", "needs the key members: who gets its mail?");
    }
    if (given("both") && !given("alternate")) {
        fail("both", "needs the key alternate: to whom else?");
    }
}

CustomProfileResult Builder::build() {
    profile_.name = "custom";
    check_keys();
    read_addresses();
    read_kinds();
    read_others();
    read_filter();
    check_combinations();
    if (!errors_.empty()) return errors_;
    return std::move(profile_);
}

}  // namespace

CustomProfileResult make_custom(std::span<KeyAndValue const> map) { return Builder(map).build(); }

std::span<std::string_view const> custom_keys() { return keys; }

std::string to_text(CustomProfileErrors const& errors) {
    std::vector<std::string> parts;
    for (auto const& error : errors) {
        parts.push_back(fmt::format("{}: {}", mail::to_log_text(error.key), error.what));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

void throw_exception_from_error(
    CustomProfileErrors const& errors, boost::source_location const& /*location*/
) {
    throw std::logic_error("value() of a failed custom profile: " + to_text(errors));
}

}  // namespace splitmx::schema
