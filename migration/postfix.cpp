#include "migration/postfix.hpp"

#include "ldap/letter_case.hpp"
#include "migration/columns.hpp"
#include "schema/address_value.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::migration {

namespace {

using resolver::RecipientKind;

Rejection rejected(std::string_view what, std::string_view text, std::string_view why) {
    return {fmt::format("{} \"{}\" {}", what, schema::to_remark_text(text), why)};
}

// A key is one word; a quoted local part may have blanks.
std::size_t end_of_key(std::string_view text) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\') ++at;
        if (at < text.size() && text[at] == '"') quoted = !quoted;
        if (!quoted && at < text.size() && (text[at] == ' ' || text[at] == '\t')) return at;
    }
    return text.size();
}

std::vector<std::string> addresses_in(std::string_view value) {
    std::vector<std::string> found;
    std::string address;
    bool quoted = false;
    for (char const c : value) {
        if (c == '"') quoted = !quoted;
        bool const between = !quoted && (c == ',' || c == ' ' || c == '\t');
        if (!between) {
            address += c;
        } else if (!address.empty()) {
            found.push_back(std::exchange(address, {}));
        }
    }
    if (!address.empty()) found.push_back(std::move(address));
    return found;
}

// "@old.example @new.example": everybody there gets another domain.
Outcome read_domain_key(std::string_view name, std::vector<std::string> const& to) {
    auto domain = mail::Domain::parse(name);
    if (!domain) return rejected("the domain", name, "is none: " + domain.error().what);
    if (to.size() != 1 || !to.front().starts_with('@')) return Skip::catch_all;
    auto other = mail::Domain::parse(to.front().substr(1));
    if (!other)
        return rejected("the domain", to.front().substr(1), "is none: " + other.error().what);
    Route route;
    route.action = Route::Action::reroute;
    route.domain = std::move(*domain);
    route.to = std::move(*other);
    return route;
}

Outcome read_rewriting(
    MapKind kind, MapLine const& line, std::vector<mail::Domain> const& domains
) {
    auto const to = addresses_in(line.value);
    if (to.empty()) return rejected("the key", line.key, "has no address behind it");
    if (line.key.starts_with('@')) return read_domain_key(line.key.substr(1), to);
    bool const bare = line.key.find('@') == std::string::npos;
    // A domain of virtual aliases is declared by a line of its own; its value means nothing.
    if (bare && kind == MapKind::virtual_alias && line.key.find('.') != std::string::npos &&
        to.size() == 1 && to.front().find('@') == std::string::npos) {
        auto domain = mail::Domain::parse(line.key);
        if (!domain) return rejected("the domain", line.key, "is none: " + domain.error().what);
        Route route;
        route.action = Route::Action::inbound;
        route.domain = std::move(*domain);
        return route;
    }
    if (to.size() > 1) return Skip::list;
    auto address = to_mailbox(line.key, domains);
    if (!address) return rejected("the key", line.key, address.error().what);
    auto target = to_mailbox(to.front(), domains);
    if (!target) return rejected("the target", to.front(), target.error().what);
    if (*address == *target) return person_at(std::move(*address), RecipientKind::mailbox);
    auto person = person_at(std::move(*address), RecipientKind::custom_recipient);
    person.target = std::move(*target);
    return person;
}

Outcome read_recipient(MapLine const& line, std::vector<mail::Domain> const& domains) {
    if (line.key.starts_with('@')) return Skip::catch_all;
    auto address = to_mailbox(line.key, domains);
    if (!address) return rejected("the key", line.key, address.error().what);
    return person_at(std::move(*address), RecipientKind::mailbox);
}

}  // namespace

std::optional<MapKind> map_kind(std::string_view word) {
    if (word == "virtual") return MapKind::virtual_alias;
    if (word == "canonical") return MapKind::canonical;
    if (word == "transport") return MapKind::transport;
    if (word == "relay_recipients" || word == "relay_recipient") return MapKind::relay_recipients;
    if (word == "relocated") return MapKind::relocated;
    return std::nullopt;
}

std::optional<MapKind> map_kind_of_file(std::string_view path) {
    auto const name = ldap::lower_case(path.substr(path.rfind('/') + 1));
    for (auto const word : {"relay_recipient", "transport", "relocated", "canonical", "virtual"}) {
        if (name.find(word) != std::string::npos) return map_kind(word);
    }
    return std::nullopt;
}

mail::Result<mail::Mailbox> to_mailbox(
    std::string_view text, std::vector<mail::Domain> const& domains
) {
    if (text.find('@') != std::string_view::npos) {
        auto mailbox = mail::Mailbox::parse(text);
        if (!mailbox) return mail::Error{"is no address: " + mailbox.error().what, 0};
        return mailbox;
    }
    if (domains.size() != 1) {
        return mail::Error{"has no domain; --domain NAME, one alone, says which it is", 0};
    }
    auto local_part = mail::LocalPart::parse(text);
    if (!local_part) return mail::Error{"is no address: " + local_part.error().what, 0};
    return mail::Mailbox(std::move(*local_part), domains.front());
}

Person person_at(mail::Mailbox address, RecipientKind kind) {
    Person person;
    person.kind = kind;
    person.common_name = address.local_part().value();
    person.addresses.push_back(std::move(address));
    return person;
}

void MapLines::add(TextLine line) {
    if (!line.fault.empty()) {
        finish();
        ready_.push_back({line.number, {}, {}, std::move(line.fault)});
        return;
    }
    auto const text = schema::without_blanks(line.text);
    if (text.empty() || text.starts_with('#')) return;
    bool const goes_on = line.text.front() == ' ' || line.text.front() == '\t';
    if (goes_on && open_ && open_->value.size() + text.size() < max_size) {
        open_->value += ' ';
        open_->value += text;
        return;
    }
    finish();
    if (goes_on) {
        ready_.push_back(
            {line.number, {}, {}, "begins with a blank, and there is no line that it goes on with"}
        );
        return;
    }
    open_ = MapLine{line.number, {}, std::string(text), {}};
}

void MapLines::finish() {
    if (!open_) return;
    auto line = std::move(*open_);
    open_.reset();
    auto const end = end_of_key(line.value);
    line.key = line.value.substr(0, end);
    line.value = schema::without_blanks(std::string_view(line.value).substr(end));
    if (line.key.starts_with('/')) {
        line.fault = "a pattern; write down the addresses that it means";
    } else if (line.value.empty()) {
        line.fault = fmt::format("\"{}\" has no value", schema::to_remark_text(line.key));
    }
    ready_.push_back(std::move(line));
}

void MapLines::end() { finish(); }

std::optional<MapLine> MapLines::next() {
    if (given_ == ready_.size()) {
        ready_.clear();
        given_ = 0;
        return std::nullopt;
    }
    return std::move(ready_[given_++]);
}

Outcome read_map_line(MapKind kind, MapLine const& line, std::vector<mail::Domain> const& domains) {
    switch (kind) {
        case MapKind::virtual_alias:
        case MapKind::canonical:
            return read_rewriting(kind, line, domains);
        case MapKind::transport:
            return read_transport(line);
        case MapKind::relay_recipients:
            return read_recipient(line, domains);
        case MapKind::relocated:
            break;
    }
    return Skip::refused_anyway;
}

}  // namespace splitmx::migration
