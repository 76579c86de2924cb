#include "control/recipient_json.hpp"

#include <utility>

namespace splitmx::control {

namespace {

using resolver::EntryName;
using resolver::Recipient;

json::string text(std::string const& octets) { return json::string(octets_to_text(octets)); }

json::array form(mail::Mailbox const& mailbox) {
    return {text(mailbox.local_part().value()), text(mailbox.domain().text())};
}

json::array form(EntryName const& name) { return {text(name.text), text(name.key)}; }

json::value form(mail::X500Address const& address) { return text(address.text()); }

json::value form(resolver::Originator const& one) {
    if (auto const* mailbox = std::get_if<mail::Mailbox>(&one)) {
        return json::object{{"address", form(*mailbox)}};
    }
    return json::object{{"entry", form(std::get<EntryName>(one))}};
}

json::value form(std::string const& octets) { return text(octets); }

json::value form(schema::MappingRemark const& remark) {
    return json::array{
        static_cast<std::int64_t>(remark.id), text(remark.attribute), text(remark.text)};
}

template <class T>
void add(json::object& object, char const* name, std::vector<T> const& all) {
    if (all.empty()) return;
    json::array array;
    array.reserve(all.size());
    for (auto const& one : all) array.push_back(form(one));
    object[name] = std::move(array);
}

template <class T>
void add(json::object& object, char const* name, std::optional<T> const& one) {
    if (one) object[name] = form(*one);
}

void add(json::object& object, char const* name, bool set) {
    if (set) object[name] = true;
}

// Reads values; whatever is not as it should be is remembered, and an empty value given.
class Reading {
public:
    explicit Reading(json::object const& object) : object_(object) {}

    bool good() const { return good_; }

    bool flag(char const* name) const { return flag_of(object_, name); }

    std::uint64_t number(char const* name) const { return number_of(object_, name); }

    template <class T>
    std::vector<T> all(char const* name, T (Reading::*read)(json::value const&)) {
        std::vector<T> values;
        auto const* value = object_.if_contains(name);
        if (value == nullptr) return values;
        auto const* array = value->if_array();
        if (array == nullptr) {
            good_ = false;
            return values;
        }
        values.reserve(array->size());
        for (auto const& one : *array) {
            auto read_one = (this->*read)(one);
            if (good_) values.push_back(std::move(read_one));
        }
        return values;
    }

    template <class T>
    std::optional<T> one(char const* name, T (Reading::*read)(json::value const&)) {
        auto const* value = object_.if_contains(name);
        if (value == nullptr) return std::nullopt;
        return (this->*read)(*value);
    }

    std::string octets(json::value const& value) {
        auto const* string = value.if_string();
        if (string == nullptr) {
            good_ = false;
            return {};
        }
        return text_to_octets({string->data(), string->size()});
    }

    // Two texts.
    std::pair<std::string, std::string> pair(json::value const& value) {
        auto const* array = value.if_array();
        if (array == nullptr || array->size() != 2) {
            good_ = false;
            return {};
        }
        return {octets((*array)[0]), octets((*array)[1])};
    }

    EntryName name(json::value const& value) {
        auto [text, key] = pair(value);
        return {std::move(text), std::move(key)};
    }

    mail::Mailbox mailbox(json::value const& value) {
        auto const [local, domain_text] = pair(value);
        auto domain = mail::Domain::parse(domain_text);
        // Empty for a catch-all.
        auto part = local.empty() ? mail::Result<mail::LocalPart>(mail::LocalPart())
                                  : mail::LocalPart::from_value(local);
        if (!domain || !part) {
            good_ = false;
            return *mail::Mailbox::parse("nobody@invalid");
        }
        return {std::move(*part), std::move(*domain)};
    }

    resolver::Originator originator(json::value const& value) {
        auto const* object = value.if_object();
        if (auto const* address = object != nullptr ? object->if_contains("address") : nullptr) {
            return mailbox(*address);
        }
        auto const* entry = object != nullptr ? object->if_contains("entry") : nullptr;
        if (entry != nullptr) return name(*entry);
        good_ = false;
        return EntryName();
    }

    schema::MappingRemark remark(json::value const& value) {
        auto const* array = value.if_array();
        if (array == nullptr || array->size() != 3 || !(*array)[0].is_int64()) {
            good_ = false;
            return {};
        }
        return {
            static_cast<schema::RemarkId>((*array)[0].get_int64()),
            octets((*array)[1]),
            octets((*array)[2])};
    }

    void refuse() { good_ = false; }

private:
    json::object const& object_;
    bool good_ = true;
};

}  // namespace

json::object to_wire(schema::ListedRecipient const& listed) {
    auto const& recipient = *listed.recipient;
    json::object object;
    object["name"] = form(recipient.name);
    object["kind"] = static_cast<std::int64_t>(recipient.kind);
    add(object, "addresses", recipient.addresses);
    add(object, "x500", recipient.x500_addresses);
    add(object, "primary", recipient.primary);
    add(object, "deliver_as", recipient.deliver_as);
    if (recipient.target) {
        object["target"] = json::array{text(recipient.target->type), text(recipient.target->value)};
    }
    if (!recipient.mail_host.empty()) object["host"] = text(recipient.mail_host);
    add(object, "disabled", recipient.disabled);
    add(object, "hidden", recipient.hidden);
    add(object, "alternate", recipient.alternate);
    add(object, "both", recipient.deliver_to_both);
    add(object, "accept_from", recipient.accept_from);
    add(object, "reject_from", recipient.reject_from);
    add(object, "members", recipient.members);
    add(object, "member_addresses", recipient.member_addresses);
    add(object, "malformed_members", recipient.malformed_members);
    add(object, "remarks", listed.remarks);
    return object;
}

mail::Result<schema::ListedRecipient> read_recipient(json::object const& object) {
    Reading in(object);
    Recipient recipient;
    auto const* name = object.if_contains("name");
    if (name == nullptr) return mail::Error{"a recipient without a name", 0};
    recipient.name = in.name(*name);
    auto const kind = in.number("kind");
    if (kind > static_cast<std::uint64_t>(resolver::RecipientKind::group)) in.refuse();
    recipient.kind = static_cast<resolver::RecipientKind>(kind);
    recipient.addresses = in.all("addresses", &Reading::mailbox);
    for (auto const& text : in.all("x500", &Reading::octets)) {
        if (auto x500 = mail::X500Address::parse(text)) {
            recipient.x500_addresses.push_back(std::move(*x500));
        } else {
            in.refuse();
        }
    }
    recipient.primary = in.one("primary", &Reading::mailbox);
    recipient.deliver_as = in.one("deliver_as", &Reading::mailbox);
    if (auto target = in.one("target", &Reading::pair)) {
        recipient.target =
            resolver::TargetAddress{std::move(target->first), std::move(target->second)};
    }
    recipient.mail_host = in.one("host", &Reading::octets).value_or("");
    recipient.disabled = in.flag("disabled");
    recipient.hidden = in.flag("hidden");
    recipient.alternate = in.one("alternate", &Reading::name);
    recipient.deliver_to_both = in.flag("both");
    recipient.accept_from = in.all("accept_from", &Reading::originator);
    recipient.reject_from = in.all("reject_from", &Reading::originator);
    recipient.members = in.all("members", &Reading::name);
    recipient.member_addresses = in.all("member_addresses", &Reading::mailbox);
    recipient.malformed_members = in.all("malformed_members", &Reading::octets);
    schema::ListedRecipient listed;
    listed.remarks = in.all("remarks", &Reading::remark);
    listed.recipient = std::make_shared<Recipient const>(std::move(recipient));
    if (!in.good()) return mail::Error{"a recipient that is not understood", 0};
    return listed;
}

}  // namespace splitmx::control
