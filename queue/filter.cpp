#include "queue/filter.hpp"

#include "mail/domain.hpp"
#include "mail/letter_case.hpp"
#include "mail/mailbox.hpp"

#include <algorithm>

namespace splitmx::queue {

namespace {

std::string_view domain_of(std::string_view address) {
    auto const at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

bool is_within(std::string_view name, std::string_view domain) {
    if (!name.ends_with(domain)) return false;
    return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

// As addresses compare everywhere else; for text that is none, in lower case.
std::string key_of(std::string const& address) {
    auto const mailbox = mail::Mailbox::parse_long(address);
    return mailbox ? mailbox->key() : mail::to_lower(address);
}

// `address` is a key.
bool is_address(std::string const& wanted, std::string const& address) {
    if (wanted == "<>") return address.empty();
    if (wanted.front() == '@') return domain_of(address) == std::string_view(wanted).substr(1);
    return wanted == address;
}

template <class Test>
bool any(std::vector<std::string> const& wanted, Test const& test) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), test);
}

bool has_part(std::string const& wanted, std::string const& text) {
    return mail::to_lower(text).find(mail::to_lower(wanted)) != std::string::npos;
}

bool asks_of_recipients(Filter const& filter) {
    return !filter.to.empty() || !filter.domain.empty() || !filter.host.empty();
}

}  // namespace

bool Filter::is_empty() const {
    return ids.empty() && to.empty() && from.empty() && host.empty() && domain.empty() &&
           reason.empty() && !older && !newer;
}

mail::Result<std::string> parse_address_filter(std::string_view text) {
    if (text == "<>") return std::string(text);
    if (text.starts_with('@')) {
        auto domain = parse_domain_filter(text.substr(1));
        if (!domain) return domain;
        return "@" + *domain;
    }
    if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
    auto const mailbox = mail::Mailbox::parse_long(text);
    if (mailbox) return mailbox->key();
    return mail::Error{
        "\"" + mail::to_log_text(text) +
            "\" is no address; @example.com stands for all of a domain",
        0};
}

mail::Result<std::string> parse_domain_filter(std::string_view text) {
    auto const domain = mail::Domain::parse(text);
    if (domain) return mail::to_lower(domain->text());
    return mail::Error{"\"" + mail::to_log_text(text) + "\" is no domain", 0};
}

// The typed address counts as much as the one that the host will be given.
bool matches(Filter const& filter, Row const& row, RecipientRow const& recipient) {
    if (row.place != Place::damaged && !recipient.is_pending()) return false;
    auto const address = key_of(recipient.address);
    auto const original = key_of(recipient.original);
    return any(filter.to,
               [&](auto const& wanted) {
                   return is_address(wanted, address) || is_address(wanted, original);
               }) &&
           any(filter.domain,
               [&](auto const& wanted) {
                   return is_within(domain_of(address), wanted) ||
                          is_within(domain_of(original), wanted);
               }) &&
           any(filter.host,
               [&](auto const& wanted) {
                   return mail::to_lower(wanted) == mail::to_lower(recipient.host);
               }) &&
           any(filter.reason, [&](auto const& wanted) {
               return has_part(wanted, recipient.last_answer) || has_part(wanted, row.note);
           });
}

bool matches(Filter const& filter, Row const& row, mail::Instant now) {
    auto const& ids = filter.ids;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), row.id) == ids.end()) return false;
    auto const age = now - row.arrived;
    if (filter.older && age < *filter.older) return false;
    if (filter.newer && age >= *filter.newer) return false;
    auto const sender = key_of(row.sender);
    if (!any(filter.from, [&](auto const& wanted) { return is_address(wanted, sender); })) {
        return false;
    }
    auto const& recipients = row.recipients;
    auto const is_meant = [&](auto const& r) { return matches(filter, row, r); };
    if (std::any_of(recipients.begin(), recipients.end(), is_meant)) return true;
    // A message without recipients that are still to be reached, such as a damaged record.
    return !asks_of_recipients(filter) &&
           any(filter.reason, [&](auto const& wanted) { return has_part(wanted, row.note); });
}

}  // namespace splitmx::queue
