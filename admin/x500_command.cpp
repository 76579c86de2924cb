#include "admin/x500_command.hpp"

#include "admin/daemon.hpp"
#include "admin/status_text.hpp"
#include "admin/world.hpp"
#include "mail/date_time.hpp"
#include "schema/x500_owner.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <unordered_set>
#include <utility>

namespace splitmx::admin {

namespace {

namespace json = control::json;
using control::number_of;
using control::text_of;

constexpr auto verb = "directory x500";

// The relay's own words: always one.
std::optional<mail::X500Address> x500_of(json::object const& row) {
    return mail::X500Address::parse(text_of(row, "x500"));
}

schema::ListedRecipient const* owner_of(
    schema::X500Guesser const& guesser, schema::Listing const& listing, json::object const& row
) {
    auto const x500 = x500_of(row);
    auto const found = x500 ? guesser.owner(*x500) : std::nullopt;
    return found ? &listing.recipients[*found] : nullptr;
}

std::string address_text(resolver::Recipient const& recipient) {
    if (recipient.primary) return recipient.primary->to_log();
    return recipient.addresses.empty() ? "no address" : recipient.addresses.front().to_log();
}

std::string times(std::uint64_t count) {
    return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string words(std::int64_t seconds) {
    return mail::to_short_words(std::chrono::seconds(seconds));
}

std::string ago(json::object const& row, std::int64_t now) {
    return words(now - static_cast<std::int64_t>(number_of(row, "last"))) + " ago";
}

json::object with_owner(json::object row, schema::ListedRecipient const* owner) {
    row["owner"] = owner ? json::value(mail::to_log_text(owner->recipient->name.text)) : nullptr;
    return row;
}

constexpr std::string_view heading =
    "Proposed by splitmx directory x500. Read it, choose, then apply it with ldapmodify.\n"
    "Nothing has been changed.";

std::string template_for(schema::Listing const& listing, mail::X500Address const& address) {
    auto const& profile = listing.sources.front().profile;
    auto const [attribute, value] = schema::x500_value(profile, address);
    return ldap::to_comment(fmt::format(
        "dn: THE ENTRY OF WHOEVER HAD IT\nchangetype: modify\nadd: {0}\n{0}: {1}", attribute, value
    ));
}

struct Unfound {
    std::vector<json::object> rows;
    std::int64_t now = 0;
    std::int64_t since = 0;
    std::uint64_t unlisted = 0;
};

std::variant<Unfound, ExitCode> ask_relay(Context const& context) {
    Unfound unfound;
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("directory.x500", {}, [&](json::object const& row) {
        unfound.rows.push_back(row);
    });
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell(verb, *failure, context.streams);
    }
    auto const& end = std::get<control::Done>(answer).content;
    unfound.now = static_cast<std::int64_t>(number_of(end, "now"));
    unfound.since = static_cast<std::int64_t>(number_of(end, "since"));
    unfound.unlisted = number_of(end, "unlisted");
    return unfound;
}

// Attributes of profiles are needed for changes only: the configuration tells them.
std::variant<schema::Listing, ExitCode> listing_for(
    X500Options const& options, Context const& context
) {
    if (options.ldif) {
        auto world = world_from_relay(context, verb);
        if (auto const* code = std::get_if<ExitCode>(&world)) return *code;
        return std::move(std::get<World>(world).listing);
    }
    auto listed = list_from_relay(context, verb, "", "");
    if (auto const* code = std::get_if<ExitCode>(&listed)) return *code;
    return std::move(std::get<RelayListing>(listed).listing);
}

void print(
    Unfound const& unfound,
    schema::Listing const& listing,
    X500Options const& options,
    Context const& context
) {
    auto& out = context.streams.output;
    if (options.json) {
        schema::X500Guesser const guesser(listing);
        for (auto const& row : unfound.rows) {
            out << json::serialize(with_owner(row, owner_of(guesser, listing, row))) << "\n";
        }
        return;
    }
    if (options.ldif) {
        out << x500_ldif(unfound.rows, listing);
        return;
    }
    out << x500_text(unfound.rows, listing, unfound.now);
    if (unfound.unlisted > 0) {
        out << fmt::format("And {} for others, which are not listed.\n", times(unfound.unlisted));
    }
    out << "Changes that would add them: --ldif\n";
}

}  // namespace

// Somebody may have been given the name since the relay saw it.
std::vector<json::object> still_unfound(
    std::vector<json::object> rows, schema::Listing const& listing
) {
    std::unordered_set<std::string> owned;
    for (auto const& listed : listing.recipients) {
        for (auto const& x500 : listed.recipient->x500_addresses) owned.insert(x500.key());
    }
    std::erase_if(rows, [&](json::object const& row) {
        auto const x500 = x500_of(row);
        return x500 && owned.contains(x500->key());
    });
    return rows;
}

std::string x500_text(
    std::vector<json::object> const& rows, schema::Listing const& listing, std::int64_t now
) {
    schema::X500Guesser const guesser(listing);
    std::string text;
    for (auto const& row : rows) {
        text += fmt::format(
            "{}\n    {}, the last {}: {}\n",
            text_of(row, "x500"),
            times(number_of(row, "count")),
            ago(row, now),
            text_of(row, "address")
        );
        auto const* owner = owner_of(guesser, listing, row);
        if (owner == nullptr) {
            text += "    nobody, or more than one, has such a name\n";
            continue;
        }
        text += fmt::format(
            "    probably {}, {}\n",
            address_text(*owner->recipient),
            mail::to_log_text(owner->recipient->name.text)
        );
    }
    return text;
}

std::string x500_ldif(std::vector<json::object> const& rows, schema::Listing const& listing) {
    schema::X500Guesser const guesser(listing);
    auto text = ldap::to_comment(heading);
    for (auto const& row : rows) {
        auto const x500 = x500_of(row);
        if (!x500 || listing.sources.empty()) continue;
        auto const* owner = owner_of(guesser, listing, row);
        auto const change = owner ? std::optional(schema::with_x500(
                                        listing.profile_of(*owner), owner->recipient->name, *x500
                                    ))
                                  : std::nullopt;
        if (!text.ends_with("\n\n")) text += "\n";
        if (change && *change) {
            text += ldap::to_comment("A guess, by its name: look whether it is so.");
            text += ldap::to_ldif(**change);
        } else {
            text += template_for(listing, *x500);
        }
    }
    return text;
}

ExitCode show_unfound_x500(X500Options const& options, Context const& context) {
    auto asked = ask_relay(context);
    if (auto const* code = std::get_if<ExitCode>(&asked)) return *code;
    auto& unfound = std::get<Unfound>(asked);
    schema::Listing listing;
    if (!unfound.rows.empty()) {
        auto listed = listing_for(options, context);
        if (auto const* code = std::get_if<ExitCode>(&listed)) return *code;
        listing = std::move(std::get<schema::Listing>(listed));
        unfound.rows = still_unfound(std::move(unfound.rows), listing);
    }
    if (!unfound.rows.empty()) {
        print(unfound, listing, options, context);
    } else if (!options.json && !options.ldif) {
        context.streams.output << fmt::format(
            "No X500 address was written to in the last {} that nobody has.\n",
            words(unfound.now - unfound.since)
        );
    }
    return ExitCode::ok;
}

}  // namespace splitmx::admin
