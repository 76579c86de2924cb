// The directory export of Exchange Server 4.0 to 5.5 (admin.exe /e, Tools > Directory Export).
// Source: Q146304 and Q155594 for columns and "%", Q160981 for the raw names, Q258203.
#include "ldap/letter_case.hpp"
#include "migration/proxy_addresses.hpp"
#include "migration/row_reader.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::migration {

namespace {

using resolver::RecipientKind;

class Exchange55 final : public RowReader {
public:
    explicit Exchange55(RowSettings settings) : settings_(std::move(settings)) {}

    std::optional<MissingColumns> take_header(Columns const& columns) override;
    Outcome read(std::vector<std::string> const& values, Report& report) const override;

private:
    std::optional<Outcome> take_kind(Person& person, std::vector<std::string> const& values) const;
    ProxyAddresses addresses(std::vector<std::string> const& values) const;
    void take_names(Person& person, std::vector<std::string> const& values) const;

    RowSettings settings_;
    Column kind_, mode_, alias_, directory_name_, display_name_, surname_, home_server_, target_,
        addresses_, more_addresses_, legacy_name_, hidden_, alternate_, host_;
    std::vector<Column> restrictions_;
};

std::optional<MissingColumns> Exchange55::take_header(Columns const& columns) {
    kind_ = columns.find({"Obj-Class", "Object-Class"});
    mode_ = columns.find({"Mode"});
    alias_ = columns.find({"Alias Name", "Alias", "Mail-nickname"});
    directory_name_ = columns.find({"Directory Name", "Common-Name"});
    display_name_ = columns.find({"Display Name", "Display-Name"});
    surname_ = columns.find({"Last name", "Surname"});
    home_server_ = columns.find({"Home-Server"});
    target_ = columns.find({"E-mail address", "Target-Address"});
    addresses_ = columns.find({"E-mail Addresses", "Proxy-Addresses"});
    more_addresses_ = columns.find({"Secondary-Proxy-Addresses"});
    legacy_name_ = columns.find({"Obj-Dist-Name"});
    hidden_ = columns.find({"Hide from AB", "Hide-From-Address-Book"});
    alternate_ = columns.find({"Alt-Recipient", "Alternate Recipient"});
    host_ = columns.find({settings_.host_column});
    for (auto const name :
         {"Auth-Orig", "Unauth-Orig", "DL-Mem-Submit-Perms", "DL-Mem-Reject-Perms"}) {
        if (auto const column = columns.find({name}); column.is_there()) {
            restrictions_.push_back(column);
        }
    }
    MissingColumns missing;
    if (!kind_.is_there()) missing.needed.emplace_back("Obj-Class");
    if (!addresses_.is_there() && !more_addresses_.is_there()) {
        missing.needed.emplace_back("E-mail Addresses");
    }
    if (!settings_.host_column.empty() && !host_.is_there()) {
        missing.needed.push_back(settings_.host_column);
    }
    if (missing.needed.empty()) return std::nullopt;
    missing.there = columns.names();
    return missing;
}

std::optional<Outcome> Exchange55::take_kind(Person& person, std::vector<std::string> const& values)
    const {
    auto const kind = ldap::lower_case(kind_.of(values));
    if (kind == "mailbox") return std::nullopt;
    if (kind == "remote" || kind == "remote-address" || kind == "custom recipient") {
        person.kind = RecipientKind::custom_recipient;
        return std::nullopt;
    }
    if (kind == "dl" || kind == "distribution list" || kind == "distribution-list" ||
        kind == "groupofnames") {
        return Skip::list;
    }
    if (kind == "public folder" || kind == "public-folder") return Skip::public_folder;
    if (kind == "mailbox-agent" || kind == "mailbox agent") return Skip::system_mailbox;
    if (kind.empty()) return Rejection{"Obj-Class is empty"};
    return Rejection{fmt::format(
        "Obj-Class \"{}\" is not known; mailbox, remote, dl and public folder are",
        schema::to_remark_text(kind_.of(values))
    )};
}

// The first column has one address of each type, the primary ones; the second has the others.
ProxyAddresses Exchange55::addresses(std::vector<std::string> const& values) const {
    std::string list(addresses_.of(values));
    list += '%';
    list += more_addresses_.of(values);
    return read_proxy_addresses(list, exchange55_separators);
}

void Exchange55::take_names(Person& person, std::vector<std::string> const& values) const {
    for (auto const& column : {alias_, directory_name_}) {
        auto name = one_line(column.of(values));
        if (!name.empty()) person.names.push_back(std::move(name));
    }
    person.common_name = one_line(display_name_.of(values));
    person.surname = one_line(surname_.of(values));
    if (!legacy_name_.of(values).empty()) person.x500.emplace_back(legacy_name_.of(values));
}

Outcome Exchange55::read(std::vector<std::string> const& values, Report& report) const {
    Person person;
    if (auto other = take_kind(person, values)) return std::move(*other);
    if (ldap::lower_case(mode_.of(values)) == "delete") return Skip::deleted;
    auto read = addresses(values);
    take_others(read, person, report);
    if (person.kind == RecipientKind::custom_recipient) {
        if (!target_.is_there()) {
            return Stop{
                "this is a custom recipient, and the file has no column \"E-mail address\" with "
                "its target; export it with that column"};
        }
        if (auto other = take_target(person, target_.of(values), "E-mail address")) {
            return std::move(*other);
        }
    } else if (host_.is_there()) {
        person.host = host_.of(values);
    } else {
        person.server = home_server_.of(values);
    }
    if (read.mailboxes.empty()) {
        return Rejection{
            read.malformed.empty() ? std::string("no SMTP address in \"E-mail Addresses\"")
                                   : fmt::format(
                                         "no SMTP address; \"{}\" is none",
                                         schema::to_remark_text(read.malformed.front())
                                     )};
    }
    person.addresses = std::move(read.mailboxes);
    take_names(person, values);
    person.hidden = is_true(hidden_.of(values));
    if (!alternate_.of(values).empty()) person.losses.push_back(Loss::forwarding);
    for (auto const& column : restrictions_) {
        if (column.of(values).empty()) continue;
        person.losses.push_back(Loss::restrictions);
        break;
    }
    return person;
}

}  // namespace

std::unique_ptr<RowReader> exchange55_reader(RowSettings settings) {
    return std::make_unique<Exchange55>(std::move(settings));
}

}  // namespace splitmx::migration
