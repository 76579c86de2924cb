// What Exchange 2007 and later, and Exchange Online, give by PowerShell: Get-Recipient,
// Get-Mailbox, Get-MailContact, Get-MailUser and others, through Export-Csv or ConvertTo-Csv.
// Source: Microsoft's reference of these and of RecipientTypeDetails; Q258203.
#include "ldap/letter_case.hpp"
#include "migration/proxy_addresses.hpp"
#include "migration/row_reader.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::migration {

namespace {

using resolver::RecipientKind;

struct TypeWord {
    std::string_view word;  // lower case
    std::variant<RecipientKind, Skip> meaning;
};

// RecipientTypeDetails, and RecipientType where it has other words.
constexpr std::array type_words = {
    TypeWord{"usermailbox", RecipientKind::mailbox},
    TypeWord{"linkedmailbox", RecipientKind::mailbox},
    TypeWord{"sharedmailbox", RecipientKind::mailbox},
    TypeWord{"roommailbox", RecipientKind::mailbox},
    TypeWord{"equipmentmailbox", RecipientKind::mailbox},
    TypeWord{"legacymailbox", RecipientKind::mailbox},
    TypeWord{"linkedroommailbox", RecipientKind::mailbox},
    TypeWord{"schedulingmailbox", RecipientKind::mailbox},
    TypeWord{"teammailbox", RecipientKind::mailbox},
    // A group of Microsoft 365 has a mailbox of its own: mail for it goes there.
    TypeWord{"groupmailbox", RecipientKind::mailbox},
    TypeWord{"mailcontact", RecipientKind::custom_recipient},
    TypeWord{"mailforestcontact", RecipientKind::custom_recipient},
    TypeWord{"mailuser", RecipientKind::custom_recipient},
    TypeWord{"guestmailuser", RecipientKind::custom_recipient},
    TypeWord{"remoteusermailbox", RecipientKind::custom_recipient},
    TypeWord{"remotesharedmailbox", RecipientKind::custom_recipient},
    TypeWord{"remoteroommailbox", RecipientKind::custom_recipient},
    TypeWord{"remoteequipmentmailbox", RecipientKind::custom_recipient},
    TypeWord{"remoteteammailbox", RecipientKind::custom_recipient},
    TypeWord{"mailuniversaldistributiongroup", Skip::list},
    TypeWord{"mailuniversalsecuritygroup", Skip::list},
    TypeWord{"mailnonuniversalgroup", Skip::list},
    TypeWord{"dynamicdistributiongroup", Skip::list},
    TypeWord{"roomlist", Skip::list},
    TypeWord{"publicfolder", Skip::public_folder},
    TypeWord{"publicfoldermailbox", Skip::system_mailbox},
    TypeWord{"systemmailbox", Skip::system_mailbox},
    TypeWord{"systemattendantmailbox", Skip::system_mailbox},
    TypeWord{"microsoftexchange", Skip::system_mailbox},
    TypeWord{"arbitrationmailbox", Skip::system_mailbox},
    TypeWord{"discoverymailbox", Skip::system_mailbox},
    TypeWord{"monitoringmailbox", Skip::system_mailbox},
    TypeWord{"auditlogmailbox", Skip::system_mailbox},
    TypeWord{"auxauditlogmailbox", Skip::system_mailbox},
    TypeWord{"supervisoryreviewpolicymailbox", Skip::system_mailbox},
    TypeWord{"mailboxplan", Skip::system_mailbox},
    TypeWord{"user", Skip::no_mail},
    TypeWord{"disableduser", Skip::no_mail},
    TypeWord{"linkeduser", Skip::no_mail},
    TypeWord{"contact", Skip::no_mail},
    TypeWord{"group", Skip::no_mail},
    TypeWord{"universaldistributiongroup", Skip::no_mail},
    TypeWord{"universalsecuritygroup", Skip::no_mail},
    TypeWord{"nonuniversalgroup", Skip::no_mail},
    TypeWord{"rolegroup", Skip::no_mail},
    TypeWord{"computer", Skip::no_mail},
};

Outcome no_list(std::string_view column, std::string_view value) {
    return Stop{fmt::format(
        "{} has the name of a list ({}) and not what is in it; export it with\n  Select-Object *, "
        "@{{n='{}';e={{$_.{} -join ';'}}}} -ExcludeProperty {}",
        column,
        schema::to_remark_text(value),
        column,
        column,
        column
    )};
}

class Exchange final : public RowReader {
public:
    explicit Exchange(RowSettings settings) : settings_(std::move(settings)) {}

    std::optional<MissingColumns> take_header(Columns const& columns) override;
    Outcome read(std::vector<std::string> const& values, Report& report) const override;

private:
    std::optional<Outcome> take_kind(Person& person, std::vector<std::string> const& values) const;
    std::optional<Outcome> take_addresses(
        Person& person, std::vector<std::string> const& values, Report& report
    ) const;
    void take_names(Person& person, std::vector<std::string> const& values) const;
    void note_losses(Person& person, std::vector<std::string> const& values) const;

    RowSettings settings_;
    Column type_, primary_, addresses_, target_, alias_, display_name_, surname_, legacy_name_,
        hidden_, host_;
    std::vector<Column> forwarding_, restrictions_;
};

std::optional<MissingColumns> Exchange::take_header(Columns const& columns) {
    type_ = columns.find({"RecipientTypeDetails", "RecipientType"});
    primary_ = columns.find({"PrimarySmtpAddress", "WindowsEmailAddress"});
    addresses_ = columns.find({"EmailAddresses", "ProxyAddresses"});
    target_ = columns.find({"ExternalEmailAddress", "RemoteRoutingAddress", "TargetAddress"});
    alias_ = columns.find({"Alias", "MailNickname"});
    display_name_ = columns.find({"DisplayName", "Name"});
    surname_ = columns.find({"LastName", "sn"});
    legacy_name_ = columns.find({"LegacyExchangeDN"});
    hidden_ = columns.find({"HiddenFromAddressListsEnabled"});
    host_ = columns.find({settings_.host_column});
    auto const add = [&columns](std::vector<Column>& to, std::string_view name) {
        if (auto const column = columns.find({name}); column.is_there()) to.push_back(column);
    };
    add(forwarding_, "ForwardingAddress");
    add(forwarding_, "ForwardingSmtpAddress");
    for (auto const name :
         {"AcceptMessagesOnlyFrom",
          "AcceptMessagesOnlyFromDLMembers",
          "AcceptMessagesOnlyFromSendersOrMembers",
          "RejectMessagesFrom",
          "RejectMessagesFromDLMembers",
          "RejectMessagesFromSendersOrMembers"}) {
        add(restrictions_, name);
    }
    MissingColumns missing;
    if (!type_.is_there() && !settings_.kind && !target_.is_there()) {
        missing.needed.emplace_back("RecipientTypeDetails");
        missing.advice = "--kind mailbox or --kind contact says what all rows are";
    }
    if (!primary_.is_there() && !addresses_.is_there()) {
        missing.needed.emplace_back("PrimarySmtpAddress");
    }
    if (!settings_.host_column.empty() && !host_.is_there()) {
        missing.needed.push_back(settings_.host_column);
    }
    if (missing.needed.empty()) return std::nullopt;
    missing.there = columns.names();
    return missing;
}

std::optional<Outcome> Exchange::take_kind(Person& person, std::vector<std::string> const& values)
    const {
    if (!type_.is_there()) {
        // Get-MailContact and Get-MailUser: whoever has a target.
        person.kind = settings_.kind.value_or(RecipientKind::custom_recipient);
        if (settings_.kind || !target_.of(values).empty()) return std::nullopt;
        return Rejection{"no column says its type, and it has no target"};
    }
    auto const word = ldap::lower_case(type_.of(values));
    auto const known = std::find_if(type_words.begin(), type_words.end(), [&](TypeWord const& one) {
        return one.word == word;
    });
    if (known == type_words.end()) {
        return Rejection{
            word.empty()
                ? std::string("its type is empty")
                : fmt::format(
                      "the type \"{}\" is not known", schema::to_remark_text(type_.of(values))
                  )};
    }
    if (auto const* skip = std::get_if<Skip>(&known->meaning)) return *skip;
    person.kind = std::get<RecipientKind>(known->meaning);
    return std::nullopt;
}

std::optional<Outcome> Exchange::take_addresses(
    Person& person, std::vector<std::string> const& values, Report& report
) const {
    auto const list = addresses_.of(values);
    auto const primary = primary_.of(values);
    if (is_name_of_a_list(list)) return no_list("EmailAddresses", list);
    auto read = read_proxy_addresses(list, exchange_separators);
    take_others(read, person, report);
    person.addresses = std::move(read.mailboxes);
    if (!primary.empty()) {
        auto const one = read_proxy_addresses(primary, exchange_separators);
        if (one.mailboxes.size() != 1 || !one.malformed.empty()) {
            return Rejection{fmt::format(
                "PrimarySmtpAddress \"{}\" is no address", schema::to_remark_text(primary)
            )};
        }
        std::erase(person.addresses, one.mailboxes.front());
        person.addresses.insert(person.addresses.begin(), one.mailboxes.front());
    }
    if (!person.addresses.empty()) return std::nullopt;
    if (read.malformed.empty()) return Rejection{"no SMTP address"};
    return Rejection{fmt::format(
        "no SMTP address; \"{}\" is none", schema::to_remark_text(read.malformed.front())
    )};
}

void Exchange::take_names(Person& person, std::vector<std::string> const& values) const {
    auto alias = one_line(alias_.of(values));
    if (!alias.empty()) person.names.push_back(std::move(alias));
    person.common_name = one_line(display_name_.of(values));
    person.surname = one_line(surname_.of(values));
    if (!legacy_name_.of(values).empty()) person.x500.emplace_back(legacy_name_.of(values));
}

void Exchange::note_losses(Person& person, std::vector<std::string> const& values) const {
    auto const filled = [&values](Column const& column) { return !column.of(values).empty(); };
    if (std::any_of(forwarding_.begin(), forwarding_.end(), filled)) {
        person.losses.push_back(Loss::forwarding);
    }
    if (std::any_of(restrictions_.begin(), restrictions_.end(), filled)) {
        person.losses.push_back(Loss::restrictions);
    }
}

Outcome Exchange::read(std::vector<std::string> const& values, Report& report) const {
    Person person;
    if (auto other = take_kind(person, values)) return std::move(*other);
    if (auto other = take_addresses(person, values, report)) return std::move(*other);
    if (person.kind == RecipientKind::custom_recipient) {
        if (!target_.is_there()) {
            return Stop{
                "this is a custom recipient, and the file has no column \"ExternalEmailAddress\" "
                "with its target (for remote mailboxes RemoteRoutingAddress); export it with that "
                "column"};
        }
        if (auto other = take_target(person, target_.of(values), "ExternalEmailAddress")) {
            return std::move(*other);
        }
    } else {
        person.host = host_.of(values);
    }
    take_names(person, values);
    person.hidden = is_true(hidden_.of(values));
    note_losses(person, values);
    return person;
}

}  // namespace

std::unique_ptr<RowReader> exchange_reader(RowSettings settings) {
    return std::make_unique<Exchange>(std::move(settings));
}

}  // namespace splitmx::migration
