#include "migration/ldif_people.hpp"

#include "ldap/ldif.hpp"
#include "migration/columns.hpp"
#include "migration/row_reader.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::migration {

namespace {

using resolver::Recipient;
using resolver::RecipientKind;

// What ldapsearch puts behind the entries, and referrals of the server.
bool is_of_a_search(std::string_view text) {
    return text.starts_with("search: ") || text.starts_with("ref: ");
}

// "X500:/o=Adatum" and "x400$c=US" are of a type; the remark has the value as it was.
std::string type_of_value(std::string_view text) {
    auto const end = text.find_first_of(":$");
    return upper(text.substr(0, std::min(end, std::size_t{20})));
}

bool is_x500(std::string_view value) {
    auto const type = type_of_value(value);
    return type == "X500" || type == "EX";
}

void take_x500(Person& person, schema::Profile const& profile, ldap::Entry const& entry) {
    for (auto const& attribute : profile.addresses) {
        for (auto const& value : entry.values(attribute.name)) {
            if (is_x500(value)) person.x500.push_back(value.substr(value.find_first_of(":$") + 1));
        }
    }
    if (auto const value = entry.first("legacyExchangeDN")) person.x500.emplace_back(*value);
}

void note_remarks(
    std::vector<schema::MappingRemark> const& remarks, Person& person, Report& report
) {
    for (auto const& remark : remarks) {
        switch (remark.id) {
            case schema::RemarkId::foreign_type:
                if (!is_x500(remark.text)) report.leave_out_value(type_of_value(remark.text));
                break;
            case schema::RemarkId::malformed_address:
            case schema::RemarkId::double_dot:
            case schema::RemarkId::trailing_dot:
            case schema::RemarkId::blank:
            case schema::RemarkId::control_character:
            case schema::RemarkId::mailto_prefix:
            case schema::RemarkId::missing_type:
                person.losses.push_back(Loss::bad_address);
                break;
            default:
                break;
        }
    }
}

void take_addresses(Person& person, Recipient const& recipient) {
    person.addresses = recipient.addresses;
    // "@example.com" is a catch-all, and no address.
    std::erase_if(person.addresses, [](mail::Mailbox const& one) {
        return one.local_part().value().empty();
    });
    if (!recipient.primary) return;
    std::erase(person.addresses, *recipient.primary);
    person.addresses.insert(person.addresses.begin(), *recipient.primary);
}

// A value of LDIF may be any octets, and a server takes names in UTF-8 alone.
std::string name_from(std::string_view value) { return one_line(mail::to_log_text(value)); }

void take_names(Person& person, ldap::Entry const& entry) {
    auto const naming = entry.dn().naming();
    bool const known =
        ldap::equal_no_case(naming.attribute, "uid") || ldap::equal_no_case(naming.attribute, "cn");
    if (known && name_from(naming.value) == naming.value) person.naming = naming;
    for (auto const* name : {"uid", "mailNickname", "sAMAccountName", "cn"}) {
        if (auto const value = entry.first(name)) person.names.push_back(name_from(*value));
    }
    for (auto const* name : {"displayName", "cn"}) {
        auto const value = entry.first(name);
        if (value && person.common_name.empty()) person.common_name = name_from(*value);
    }
    if (auto const value = entry.first("sn")) person.surname = name_from(*value);
}

Outcome to_outcome(
    schema::Profile const& profile,
    ldap::Entry const& entry,
    schema::Mapping const& mapped,
    Report& report
) {
    auto const& recipient = *mapped.recipient();
    if (recipient.kind == RecipientKind::group) return Skip::list;
    Person person;
    note_remarks(mapped.remarks, person, report);
    person.kind = recipient.kind;
    take_addresses(person, recipient);
    if (person.addresses.empty()) {
        return Rejection{fmt::format("{} has no address", entry.dn().text())};
    }
    take_names(person, entry);
    take_x500(person, profile, entry);
    person.host = recipient.mail_host;
    person.disabled = recipient.disabled;
    person.hidden = recipient.hidden;
    if (person.kind == RecipientKind::custom_recipient) {
        auto const& target = recipient.target;
        if (auto other = take_target(
                person, target ? target->type + ":" + target->value : std::string(), "the target"
            )) {
            return std::move(*other);
        }
    }
    bool const renamed = recipient.deliver_as && *recipient.deliver_as != person.addresses.front();
    if (recipient.alternate || renamed) person.losses.push_back(Loss::forwarding);
    if (!recipient.accept_from.empty() || !recipient.reject_from.empty()) {
        person.losses.push_back(Loss::restrictions);
    }
    return person;
}

}  // namespace

void LdifTexts::add(TextLine line) {
    if (!line.fault.empty()) {
        if (open_.text.empty()) open_.line = line.number;
        if (open_.fault.empty()) open_.fault = std::move(line.fault);
        open_.text += ' ';
        return;
    }
    if (line.text.empty()) return finish();
    if (open_.text.empty()) {
        in_comment_ = line.text.front() == '#' || (in_comment_ && line.text.front() == ' ');
        if (in_comment_) return;
    }
    if (open_.text.empty()) open_.line = line.number;
    if (open_.text.size() + line.text.size() < max_record) {
        open_.text += line.text;
        open_.text += '\n';
    } else if (open_.fault.empty()) {
        open_.fault = "a record of more than 64 MiB";
    }
}

void LdifTexts::finish() {
    if (open_.text.empty()) return;
    ready_.push_back(std::exchange(open_, {}));
}

void LdifTexts::end() { finish(); }

std::optional<LdifText> LdifTexts::next() {
    if (ready_.empty()) return std::nullopt;
    auto text = std::move(ready_.front());
    ready_.pop_front();
    return text;
}

std::optional<Outcome> read_entry(
    schema::Profile const& profile, LdifText const& record, Report& report
) {
    if (!record.fault.empty()) return Rejection{record.fault};
    if (is_of_a_search(record.text)) return std::nullopt;
    auto const entries = ldap::parse_ldif(record.text);
    if (!entries) {
        auto const& error = entries.error();
        auto const line = record.line + (error.at > 0 ? error.at - 1 : 0);
        if (line == record.line) return Rejection{error.what};
        return Rejection{fmt::format("{} (line {})", error.what, line)};
    }
    if (entries->empty()) return std::nullopt;
    auto const& entry = entries->front();
    auto const mapped = schema::map(profile, entry);
    if (!mapped.recipient()) return Skip::no_recipient;
    return to_outcome(profile, entry, mapped, report);
}

}  // namespace splitmx::migration
