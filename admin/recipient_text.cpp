#include "admin/recipient_text.hpp"

#include "schema/search.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

namespace splitmx::admin {

namespace {

namespace json = boost::json;
using resolver::Recipient;
using resolver::RecipientKind;

std::string_view to_word(RecipientKind kind) {
    switch (kind) {
        case RecipientKind::mailbox:
            return "mailbox";
        case RecipientKind::custom_recipient:
            return "custom_recipient";
        case RecipientKind::group:
            break;
    }
    return "group";
}

std::string readable(std::string_view text) { return mail::to_log_text(text); }

std::string target_text(Recipient const& recipient) {
    if (!recipient.target) return "";
    return readable(recipient.target->type + ":" + recipient.target->value);
}

mail::Mailbox const* first_address(Recipient const& recipient) {
    if (recipient.primary) return &*recipient.primary;
    return recipient.addresses.empty() ? nullptr : &recipient.addresses.front();
}

std::string kind_text(Recipient const& recipient) {
    std::string text;
    switch (recipient.kind) {
        case RecipientKind::mailbox:
            text = recipient.mail_host.empty() ? "mailbox, default host"
                                               : "mailbox, host " + readable(recipient.mail_host);
            break;
        case RecipientKind::custom_recipient:
            text = recipient.target ? "custom recipient, target " + target_text(recipient)
                                    : "custom recipient without target";
            break;
        case RecipientKind::group: {
            auto const members = recipient.members.size() + recipient.member_addresses.size() +
                                 recipient.malformed_members.size();
            text = fmt::format("group, {} member{}", members, members == 1 ? "" : "s");
            break;
        }
    }
    if (recipient.disabled) text += ", disabled";
    if (recipient.hidden) text += ", hidden";
    return text;
}

json::array addresses_of(std::vector<mail::Mailbox> const& all) {
    json::array array;
    for (auto const& address : all) array.emplace_back(address.to_wire());
    return array;
}

json::array names_of(std::vector<resolver::EntryName> const& all) {
    json::array array;
    for (auto const& name : all) array.emplace_back(readable(name.text));
    return array;
}

json::array originators_of(std::vector<resolver::Originator> const& all) {
    json::array array;
    for (auto const& one : all) {
        auto const* address = std::get_if<mail::Mailbox>(&one);
        array.emplace_back(
            address ? address->to_wire() : readable(std::get<resolver::EntryName>(one).text)
        );
    }
    return array;
}

json::value or_null(std::string const& text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

std::string csv_field(std::string const& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char const c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace

std::string to_text(schema::ListedRecipient const& listed) {
    auto const& recipient = *listed.recipient;
    auto const* first = first_address(recipient);
    auto text =
        fmt::format("{}  {}\n", first ? first->to_log() : "(no address)", kind_text(recipient));
    auto const name = schema::display_name(listed);
    text += fmt::format("    {}\n", readable(recipient.name.text));
    if (!name.empty() && recipient.name.text.find(name) == std::string::npos) {
        text += fmt::format("    name  {}\n", readable(name));
    }
    for (auto const& address : recipient.addresses) {
        if (!(address == *first)) text += fmt::format("    also  {}\n", address.to_log());
    }
    for (auto const& x500 : recipient.x500_addresses) {
        text += fmt::format("    x500  {}\n", readable(x500.text()));
    }
    if (recipient.alternate) {
        text += fmt::format(
            "    {}  {}\n",
            recipient.deliver_to_both ? "copy to " : "alternate",
            readable(recipient.alternate->text)
        );
    }
    return text;
}

std::string to_json(schema::Listing const& listing, schema::ListedRecipient const& listed) {
    auto const& recipient = *listed.recipient;
    json::object object;
    object["dn"] = readable(recipient.name.text);
    object["directory"] = listing.sources[listed.source].name;
    object["name"] = or_null(readable(schema::display_name(listed)));
    object["kind"] = to_word(recipient.kind);
    object["addresses"] = addresses_of(recipient.addresses);
    json::array x500;
    for (auto const& address : recipient.x500_addresses)
        x500.emplace_back(readable(address.text()));
    object["x500"] = std::move(x500);
    object["primary"] = or_null(recipient.primary ? recipient.primary->to_wire() : "");
    object["target"] = or_null(target_text(recipient));
    object["host"] = or_null(readable(recipient.mail_host));
    object["disabled"] = recipient.disabled;
    object["hidden"] = recipient.hidden;
    object["alternate"] = or_null(recipient.alternate ? readable(recipient.alternate->text) : "");
    object["deliver_to_both"] = recipient.deliver_to_both;
    object["accept_from"] = originators_of(recipient.accept_from);
    object["reject_from"] = originators_of(recipient.reject_from);
    object["members"] = names_of(recipient.members);
    object["member_addresses"] = addresses_of(recipient.member_addresses);
    return json::serialize(object);
}

std::string csv_heading() {
    return "dn,directory,name,kind,primary,addresses,target,host,disabled,hidden\r\n";
}

std::string to_csv(schema::Listing const& listing, schema::ListedRecipient const& listed) {
    auto const& recipient = *listed.recipient;
    std::string addresses;
    for (auto const& address : recipient.addresses) {
        addresses += (addresses.empty() ? "" : " ") + address.to_wire();
    }
    auto const flag = [](bool set) { return set ? "yes" : "no"; };
    return fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\r\n",
        csv_field(readable(recipient.name.text)),
        csv_field(listing.sources[listed.source].name),
        csv_field(readable(schema::display_name(listed))),
        to_word(recipient.kind),
        csv_field(recipient.primary ? recipient.primary->to_wire() : ""),
        csv_field(addresses),
        csv_field(target_text(recipient)),
        csv_field(readable(recipient.mail_host)),
        flag(recipient.disabled),
        flag(recipient.hidden)
    );
}

}  // namespace splitmx::admin
