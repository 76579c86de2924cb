#include "schema/readiness.hpp"

#include "ldap/letter_case.hpp"
#include "schema/attributes.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace splitmx::schema {

namespace {

using Level = ReadinessLine::Level;

class Check {
public:
    Check(Profile const& profile, ServerView const& view) : profile_(profile), view_(view) {}

    std::vector<ReadinessLine> run() {
        for (auto const& address : profile_.addresses) attribute(address.name, "address", true);
        classes();
        attribute(profile_.primary, "primary address", false);
        attribute(profile_.target, "target", false);
        attribute(profile_.deliver_as, "recipient at its host", false);
        attribute(profile_.host, "mail host", false);
        conditions(profile_.disabled, "disabled");
        if (profile_.disabled_bit) attribute(profile_.disabled_bit->attribute, "disabled", false);
        conditions(profile_.hidden, "hidden");
        attribute(profile_.alternate, "alternate recipient", false);
        conditions(profile_.both, "deliver to both");
        for (auto const& name : profile_.accept_from) attribute(name, "accept from", false);
        for (auto const& name : profile_.reject_from) attribute(name, "reject from", false);
        for (auto const& name : profile_.members) attribute(name, "member", false);
        for (auto const& name : profile_.member_addresses) attribute(name, "member", false);
        recipients();
        return std::move(lines_);
    }

private:
    void say(Level level, std::string subject, std::string use, std::string text) {
        lines_.push_back({level, std::move(subject), std::move(use), std::move(text)});
    }

    std::size_t samples_with(std::string const& name) const {
        return static_cast<std::size_t>(std::count_if(
            view_.samples.begin(),
            view_.samples.end(),
            [&](ldap::Entry const& entry) { return entry.has(name); }
        ));
    }

    // Directory administrators index what is asked for (slapd-mdb(5), olcDbIndex).
    bool is_indexed(std::string const& name) const {
        auto const& all = *view_.indexed;
        return std::find(all.begin(), all.end(), ldap::lower_case(name)) != all.end();
    }

    void attribute(std::string const& name, std::string const& use, bool is_address) {
        bool const told = std::any_of(lines_.begin(), lines_.end(), [&](auto const& line) {
            return ldap::equal_no_case(line.subject, name);
        });
        if (name.empty() || told) return;
        auto const number = samples_with(name);
        auto const seen = fmt::format("in {} of {} entries", number, view_.samples.size());
        if (number == 0 && !view_.subschema.is_empty() && !view_.subschema.attribute(name)) {
            bool const only = is_address && profile_.addresses.size() == 1;
            say(only ? Level::error : Level::note, name, use, "the server does not know it");
            return;
        }
        if (!is_address) {
            say(Level::good, name, use, seen);
            return;
        }
        address(name, use, number, seen);
    }

    void address(
        std::string const& name, std::string const& use, std::size_t number, std::string text
    ) {
        auto level = Level::good;
        if (number == 0 && !view_.samples.empty()) {
            level = Level::warning;
            text += ": unused, or not for this account to read";
        }
        if (view_.subschema.equality_of(name).starts_with("caseExact")) {
            level = Level::warning;
            text += "; compared with case, so Zoe@x is not found as zoe@x";
        }
        if (view_.indexed && !is_indexed(name)) {
            level = Level::warning;
            text += "; no index for equality, so each lookup reads everything";
        } else if (view_.indexed) {
            text += ", indexed";
        }
        say(level, name, use, std::move(text));
    }

    void conditions(Conditions const& all, std::string const& use) {
        for (auto const& condition : all) attribute(condition.attribute, use, false);
    }

    void classes() {
        for (auto const* kind : {&profile_.mailbox, &profile_.custom_recipient, &profile_.group}) {
            for (auto const& condition : *kind) {
                if (condition.form != Condition::Form::object_class) {
                    attribute(condition.attribute, "kind of entry", false);
                } else {
                    object_class(condition.value, kind == &profile_.mailbox);
                }
            }
        }
    }

    void object_class(std::string const& name, bool needed) {
        auto const number = static_cast<std::size_t>(std::count_if(
            view_.samples.begin(),
            view_.samples.end(),
            [&](ldap::Entry const& entry) {
                return entry.has_value_no_case(attribute::object_class, name);
            }
        ));
        if (number == 0 && !view_.subschema.is_empty() && !view_.subschema.has_class(name)) {
            say(needed ? Level::error : Level::note, name, "class", "the server does not know it");
            return;
        }
        say(Level::good,
            name,
            "class",
            fmt::format("in {} of {} entries", number, view_.samples.size()));
    }

    void recipients() {
        std::size_t with_address = 0;
        for (auto const& entry : view_.samples) {
            auto const mapping = map(profile_, entry);
            auto const* recipient = mapping.recipient();
            if (recipient && !recipient->addresses.empty()) ++with_address;
        }
        auto const text = fmt::format(
            "{} of {} entries have an address of their own", with_address, view_.samples.size()
        );
        if (view_.samples.empty()) {
            say(Level::error,
                "recipients",
                "",
                "no entry is to be seen: a wrong base, or an account that may not read");
        } else {
            say(with_address > 0 ? Level::good : Level::error, "recipients", "", text);
        }
        if (view_.indexed) return;
        say(Level::note, "indexes", "", "this account cannot see which attributes are indexed");
    }

    Profile const& profile_;
    ServerView const& view_;
    std::vector<ReadinessLine> lines_;
};

}  // namespace

std::string_view to_text(ReadinessLine::Level level) noexcept {
    switch (level) {
        case ReadinessLine::Level::good:
            return "good";
        case ReadinessLine::Level::note:
            return "note";
        case ReadinessLine::Level::warning:
            return "warn";
        case ReadinessLine::Level::error:
            break;
    }
    return "error";
}

std::vector<ReadinessLine> readiness(Profile const& profile, ServerView const& view) {
    return Check(profile, view).run();
}

}  // namespace splitmx::schema
