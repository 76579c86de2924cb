// Values of entries that do not mean what somebody thinks they mean, from the remarks of the
// mapping.
#include "lint/checks.hpp"
#include "schema/address_place.hpp"
#include "schema/address_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace splitmx::lint {

namespace {

using schema::RemarkId;

struct Meaning {
    Rule rule;
    std::string_view one;   // of one value
    std::string_view many;  // of several
};

// Of a target: mail for the entry goes there all the same.
constexpr Meaning mailto_target{
    Rule::odd_value,
    "target begins with \"mailto:\", which does not count",
    "targets begin with \"mailto:\", which does not count"};

// Is the remark about a value that is no address of the entry?
bool is_of_target(schema::Profile const& profile, schema::MappingRemark const& remark) {
    return std::none_of(
        profile.addresses.begin(),
        profile.addresses.end(),
        [&](auto const& attribute) { return attribute.name == remark.attribute; }
    );
}

// What a remark is for lint. Nothing: another check says it better, or it is as it should be.
std::optional<Meaning> meaning_of(RemarkId id) {
    switch (id) {
        case RemarkId::malformed_address:
            return Meaning{
                Rule::malformed_address, "value is no address", "values are no addresses"};
        case RemarkId::double_dot:
            return Meaning{
                Rule::malformed_address,
                "address has two dots in a row",
                "addresses have two dots in a row"};
        case RemarkId::trailing_dot:
            return Meaning{
                Rule::malformed_address, "address ends with a dot", "addresses end with a dot"};
        case RemarkId::blank:
            return Meaning{
                Rule::malformed_address,
                "address has a blank in it",
                "addresses have a blank in them"};
        case RemarkId::control_character:
            return Meaning{
                Rule::malformed_address,
                "address has a control character in it",
                "addresses have a control character in them"};
        case RemarkId::mailto_prefix:
            return Meaning{
                Rule::malformed_address,
                "address begins with \"mailto:\"",
                "addresses begin with \"mailto:\""};
        case RemarkId::missing_type:
            return Meaning{
                Rule::malformed_address,
                "address lacks the type \"smtp:\" before it",
                "addresses lack the type \"smtp:\" before them"};
        case RemarkId::non_ascii:
            return Meaning{Rule::non_ascii, "address is not ASCII", "addresses are not ASCII"};
        case RemarkId::several_primaries:
            return Meaning{
                Rule::odd_value,
                "entry has a second primary address, which does not count",
                "second primary addresses, which do not count"};
        case RemarkId::several_values:
            return Meaning{
                Rule::odd_value,
                "attribute has several values, of which the first counts",
                "attributes have several values, of which the first counts"};
        case RemarkId::malformed_name:
            return Meaning{
                Rule::odd_value,
                "value names nobody: neither a DN nor an address",
                "values name nobody: neither a DN nor an address"};
        case RemarkId::malformed_switch:
            return Meaning{
                Rule::odd_value,
                "switch is neither TRUE nor FALSE, so it is off",
                "switches are neither TRUE nor FALSE, so they are off"};
        case RemarkId::partial_values:
            return Meaning{
                Rule::odd_value,
                "attribute was not read whole: the server gave some values only",
                "attributes were not read whole: the server gave some values only"};
        case RemarkId::malformed_target:
            return Meaning{
                Rule::odd_value,
                "mailbox has a routing address that is none, so its own counts",
                "mailboxes have a routing address that is none, so their own count"};
        case RemarkId::foreign_type:  // X400, SIP: of no concern to mail
            break;
    }
    return std::nullopt;
}

void propose_corrections(
    schema::Listing const& listing, std::size_t i, RemarkId id, Finding& finding
) {
    auto const& listed = listing.recipients[i];
    if (!listed.entry || finding.rule != Rule::malformed_address) return;
    for (auto const& attribute : listing.profile_of(listed).addresses) {
        for (auto const& value : listed.entry->values(attribute.name)) {
            auto const read = schema::read_address(value, attribute.syntax);
            auto const* why = std::get_if<RemarkId>(&read);
            if (!why || *why != id) continue;
            if (auto better = schema::corrected(value, attribute.syntax)) {
                finding.remedies.emplace_back(ReplaceValue{
                    i, attribute.name, value, std::move(*better)});
            }
        }
    }
}

void gather_disabled(Gathered& gathered, resolver::Recipient const& recipient) {
    if (!recipient.disabled || recipient.addresses.empty()) return;
    gathered.at("disabled", Rule::disabled_address)
        .places.push_back({recipient.name.text, shown(recipient.addresses.front())});
}

}  // namespace

void check_values(Scene const& scene) {
    auto const& listing = scene.people.listing();
    std::map<std::string, Meaning> meanings;
    Gathered gathered;
    for (std::size_t i = 0; i < listing.recipients.size(); ++i) {
        auto const& listed = listing.recipients[i];
        std::optional<RemarkId> proposed;
        for (auto const& remark : listed.remarks) {
            bool const target = remark.id == RemarkId::mailto_prefix &&
                                is_of_target(listing.profile_of(listed), remark);
            auto const meaning = target ? mailto_target : meaning_of(remark.id);
            // The target of a custom recipient is for check_routes.
            bool const other_check = remark.id == RemarkId::malformed_target &&
                                     listed.recipient->kind != resolver::RecipientKind::mailbox;
            if (!meaning || other_check) continue;
            std::string const key(target ? "mailto-target" : schema::to_id(remark.id));
            meanings.try_emplace(key, *meaning);
            auto& finding = gathered.at(key, meaning->rule);
            finding.places.push_back(
                {listed.recipient->name.text,
                 remark.text.empty() ? remark.attribute
                                     : fmt::format("{}: {}", remark.attribute, remark.text)}
            );
            // All values of one kind at once: a second remark of that kind adds nothing.
            if (target) continue;
            if (proposed != remark.id) propose_corrections(listing, i, remark.id, finding);
            proposed = remark.id;
        }
        gather_disabled(gathered, *listed.recipient);
    }
    gathered.hand_over(scene.findings, [&](std::string const& key, Finding& finding) {
        auto const number = finding.places.size();
        if (finding.rule == Rule::disabled_address) {
            finding.text =
                counted(number, "disabled entry has", "disabled entries have") + " an address";
            return;
        }
        auto const& meaning = meanings.at(key);
        finding.text = counted(number, meaning.one, meaning.many);
        if (finding.rule == Rule::malformed_address) finding.text += "; no mail comes in for it";
        if (finding.rule == Rule::malformed_address && number > 1) {
            finding.text =
                counted(number, meaning.one, meaning.many) + "; no mail comes in for them";
        }
    });
}

}  // namespace splitmx::lint
