#include "admin/queue_filter_words.hpp"

#include "config/values.hpp"

#include <string_view>

namespace splitmx::admin {

namespace {

// Commas in quotes belong to an address.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    std::string part;
    bool quoted = false;
    for (char const c : text) {
        if (c == '"') quoted = !quoted;
        if (c != ',' || quoted) {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(std::exchange(part, {}));
        }
    }
    if (!part.empty()) parts.push_back(std::move(part));
    return parts;
}

// Each value through `parse`; the first that means nothing is the error.
template <class Parse, class Value>
mail::Result<void> read(
    std::string_view flag, std::string_view text, Parse const& parse, std::vector<Value>& values
) {
    for (auto const& part : split(text)) {
        auto value = parse(part);
        if (!value) return mail::Error{std::string(flag) + ": " + value.error().what, 0};
        values.push_back(std::move(*value));
    }
    return {};
}

mail::Result<void> read_age(
    std::string_view flag, std::string const& text, std::optional<mail::Duration>& age
) {
    if (text.empty()) return {};
    auto const parsed = config::parse_duration(text);
    if (!parsed) return mail::Error{std::string(flag) + ": " + parsed.error().what, 0};
    age = *parsed;
    return {};
}

mail::Result<void> read_ids(FilterWords const& words, queue::Filter& filter) {
    auto const parse = [](std::string const& id) { return spool::SpoolId::parse(id); };
    if (auto done = read("--id", words.id, parse, filter.ids); !done) return done;
    for (auto const& id : words.ids) {
        if (auto done = read("ID", id, parse, filter.ids); !done) return done;
    }
    return {};
}

}  // namespace

void add_filter_flags(Verb& verb, FilterWords& words, std::string const& host_flag) {
    verb.option("--id", "ID", words.id, "these messages");
    verb.option("--to", "ADDRESS", words.to, "to this recipient; @example.com: any of the domain");
    verb.option("--from", "ADDRESS", words.from, "from this sender; '<>': reports");
    verb.option(host_flag, "NAME", words.host, "waiting for this next hop");
    verb.option("--domain", "DOMAIN", words.domain, "to this domain and all below it");
    verb.option("--older", "AGE", words.older, "in the queue for at least so long, such as 1h");
    verb.option("--newer", "AGE", words.newer, "in the queue for less");
    verb.option(
        "--reason", "TEXT", words.reason, "the last answer, or why it is held, has this in it"
    );
}

mail::Result<queue::Filter> to_filter(FilterWords const& words) {
    queue::Filter filter;
    if (auto done = read_ids(words, filter); !done) return done.error();
    auto const address = [](std::string const& text) { return queue::parse_address_filter(text); };
    auto const domain = [](std::string const& text) { return queue::parse_domain_filter(text); };
    if (auto done = read("--to", words.to, address, filter.to); !done) return done.error();
    if (auto done = read("--from", words.from, address, filter.from); !done) return done.error();
    if (auto done = read("--domain", words.domain, domain, filter.domain); !done) {
        return done.error();
    }
    filter.host = split(words.host);
    if (!words.reason.empty()) filter.reason.push_back(words.reason);
    if (auto done = read_age("--older", words.older, filter.older); !done) return done.error();
    if (auto done = read_age("--newer", words.newer, filter.newer); !done) return done.error();
    return filter;
}

}  // namespace splitmx::admin
