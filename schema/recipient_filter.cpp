#include "schema/recipient_filter.hpp"

#include "ldap/entry.hpp"
#include "schema/address_value.hpp"
#include "schema/attributes.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace splitmx::schema {

namespace {

// The name in U-labels, if that is another spelling.
std::optional<std::string> to_u_labels(mail::Domain const& domain) {
    if (domain.text().find("xn--") == std::string::npos) return std::nullopt;
    char* converted = nullptr;
    int const rc = idn2_to_unicode_8z8z(domain.text().c_str(), &converted, 0);
    std::unique_ptr<char, void (*)(void*)> const owner(converted, idn2_free);
    if (rc != IDN2_OK || converted == domain.text()) return std::nullopt;
    return std::string(converted);
}

std::string quoted(std::string const& local_part) {
    std::string text = "\"";
    for (char const c : local_part) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

// A catch-all has nothing before the "@".
std::vector<std::string> local_part_spellings(mail::LocalPart const& local_part) {
    if (local_part.value().empty()) return {""};
    std::vector<std::string> all = {local_part.to_wire()};
    auto const in_quotes = quoted(local_part.value());
    if (in_quotes != all.front()) all.push_back(in_quotes);
    return all;
}

std::vector<std::string> spellings(mail::Mailbox const& address) {
    auto const local_parts = local_part_spellings(address.local_part());

    std::vector<std::string> domains = {address.domain().text()};
    if (auto name = to_u_labels(address.domain())) domains.push_back(std::move(*name));

    std::vector<std::string> all;
    for (auto const& domain : domains) {
        for (auto const& local_part : local_parts) all.push_back(local_part + "@" + domain);
    }
    return all;
}

std::string_view prefix_of(AddressSyntax syntax) {
    switch (syntax) {
        case AddressSyntax::plain:
            return "";
        case AddressSyntax::smtp_prefix:
            return "smtp:";
        case AddressSyntax::smtp_dollar:
            return "smtp$";
    }
    return "";
}

class AttributeList {
public:
    void add(std::string const& name) {
        if (name.empty()) return;
        auto const known = std::any_of(names_.begin(), names_.end(), [&](std::string const& one) {
            return ldap::equal_no_case(one, name);
        });
        if (!known) names_.push_back(name);
    }
    void add(std::vector<std::string> const& names) {
        for (auto const& name : names) add(name);
    }
    void add(Conditions const& conditions) {
        for (auto const& condition : conditions) {
            add(condition.attribute);
            add(condition.without);
            add(condition.with);
            add(condition.several);
        }
    }
    std::vector<std::string> take() { return std::move(names_); }

private:
    std::vector<std::string> names_;
};

}  // namespace

ldap::Filter filter_for(Profile const& profile, std::span<mail::Mailbox const> addresses) {
    std::vector<ldap::Filter> any;
    for (auto const& address : addresses) {
        for (auto const& spelling : spellings(address)) {
            for (auto const& attribute : profile.addresses) {
                any.push_back(ldap::Filter::equal(
                    attribute.name, std::string(prefix_of(attribute.syntax)) + spelling
                ));
            }
        }
    }
    return ldap::Filter::all_of({profile.filter, ldap::Filter::any_of(any)});
}

ldap::Filter filter_for(Profile const& profile, mail::Mailbox const& address) {
    return filter_for(profile, std::span(&address, 1));
}

ldap::Filter filter_for(Profile const& profile, mail::X500Address const& address) {
    std::vector<ldap::Filter> any;
    for (auto const& attribute : profile.addresses) {
        any.push_back(ldap::Filter::equal(attribute.name, write_x500(address, attribute.syntax)));
    }
    if (!profile.x500.empty()) any.push_back(ldap::Filter::equal(profile.x500, address.text()));
    return ldap::Filter::all_of({profile.filter, ldap::Filter::any_of(any)});
}

std::vector<std::string> requested_attributes(Profile const& profile) {
    AttributeList list;
    list.add(attribute::object_class);
    for (auto const& address : profile.addresses) list.add(address.name);
    list.add(profile.x500);
    list.add(profile.primary);
    for (auto const* rules :
         {&profile.group,
          &profile.custom_recipient,
          &profile.mailbox,
          &profile.disabled,
          &profile.hidden,
          &profile.both}) {
        list.add(*rules);
    }
    list.add(profile.target);
    list.add(profile.target_otherwise);
    list.add(profile.host);
    list.add(profile.deliver_as);
    list.add(profile.use);
    if (profile.disabled_bit) {
        list.add(profile.disabled_bit->attribute);
        list.add(profile.disabled_bit->except_attribute);
    }
    list.add(profile.alternate);
    for (auto const* names :
         {&profile.accept_from, &profile.reject_from, &profile.members, &profile.member_addresses})
        list.add(*names);
    return list.take();
}

std::vector<std::string> link_attributes(Profile const& profile) {
    AttributeList list;
    list.add(profile.alternate);
    for (auto const* names : {&profile.accept_from, &profile.reject_from, &profile.members}) {
        list.add(*names);
    }
    return list.take();
}

bool owns(resolver::Recipient const& recipient, mail::Mailbox const& address) {
    return std::find(recipient.addresses.begin(), recipient.addresses.end(), address) !=
           recipient.addresses.end();
}

bool owns(resolver::Recipient const& recipient, mail::X500Address const& address) {
    auto const& all = recipient.x500_addresses;
    return std::find(all.begin(), all.end(), address) != all.end();
}

}  // namespace splitmx::schema
