#include "relay/report.hpp"

#include "mail/header_scan.hpp"
#include "mail/xtext.hpp"
#include "relay/hop.hpp"
#include "relay/outsiders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace splitmx::relay {

namespace {

// The reason is ours when the hop says so; what a host said is the host's.
std::optional<mail::Reason> reason_for(spool::FailedRecipient const& failed) {
    if (auto const reason = reason_of_failed_hop(failed.recipient.hop)) return reason;
    if (failed.status == mail::status_of(mail::Reason::expired)) return mail::Reason::expired;
    if (failed.diagnostic) return std::nullopt;
    for (auto const& entry : mail::all_reasons()) {
        if (failed.status == mail::status_of(entry.reason)) return entry.reason;
    }
    return std::nullopt;
}

// What we say ourselves of a reason is said once, in the explanation.
bool is_own_standard_text(mail::Status const& status) {
    auto const reasons = mail::all_reasons();
    return std::any_of(reasons.begin(), reasons.end(), [&](auto const& entry) {
        return status == mail::status_of(entry.reason) ||
               status == mail::transient_status(entry.reason);
    });
}

// RFC 3464 2.3.6: a host's reply as it was. One without an enhanced code is kept with X.0.0, which
// says nothing more where a host did write it.
std::string diagnostic_text(mail::Status const& status, bool is_reply) {
    bool const is_without = is_reply && status.enhanced == mail::EnhancedCode{};
    auto const enhanced = is_without ? std::string() : status.enhanced_text();
    return fmt::format(
        "{} {}{}{}", status.code, enhanced, enhanced.empty() ? "" : " ", status.text
    );
}

// Said by nobody, and in the explanation already.
bool is_own_words(std::string const& host, mail::Status const& said) {
    return host.empty() && is_own_standard_text(said);
}

// A host that outsiders may know: one that the name service names for the domain.
bool is_public(std::string_view hop) { return hop.starts_with("mx:"); }

// As a dispatcher says it of what waits behind a host that an operator has stopped: nothing is
// attempted then, and when it was before, if ever, nobody has noted.
bool is_held(std::string const& host, std::optional<mail::Status> const& said) {
    return host.empty() && said && said->code == 451 && said->enhanced == mail::EnhancedCode{3, 2};
}

bool goes_by_domain(spool::QueuedRecipient const& queued) {
    auto const typed = mail::Mailbox::parse(queued.original);
    return typed && queued.hop == "mx:" + typed->domain().text();
}

// Whom else the sender reached by what he typed, or would have.
bool has_others(spool::QueueItem const& item, std::string const& original) {
    auto const is_of_it = [&](auto const& recipient) { return recipient.original == original; };
    return std::count_if(item.recipients.begin(), item.recipients.end(), is_of_it) > 1;
}

// People of our own domains read which member of a group it was (Q246881); others are told of the
// address that they typed.
mail::DsnRecipient about(
    spool::QueueItem const& item, spool::QueuedRecipient const& queued, Audience audience
) {
    mail::DsnRecipient recipient;
    recipient.original = queued.original;
    bool const shows_member = audience == Audience::insider && queued.expanded;
    recipient.final_recipient = shows_member ? queued.rcpt : queued.original;
    recipient.is_one_of_several = queued.expanded && has_others(item, queued.original);
    recipient.orcpt = mail::parse_original_recipient(queued.orcpt);
    recipient.is_host_hidden = audience == Audience::outsider && !is_public(queued.hop);
    recipient.is_attempt_known = !is_held(queued.last_host, queued.last_status);
    recipient.goes_by_domain = goes_by_domain(queued);
    return recipient;
}

// What a host said, and its name, or what became of the connection to it, where our words begin
// with its name; of a host of ours an outsider reads the words alone.
void quote(
    mail::DsnRecipient& recipient,
    std::string const& host,
    mail::Status const& said,
    spool::QueuedRecipient const& queued,
    resolver::RoutingTable const& table
) {
    recipient.diagnostic = diagnostic_text(said, !host.empty());
    recipient.is_own_account = host.empty();
    if (!recipient.is_host_hidden) {
        recipient.remote_mta = host;
        return;
    }
    // Of a loop both ends are named: without them nobody finds it.
    if (said.enhanced == mail::EnhancedCode{4, 6}) return;
    auto const& named_in = host.empty() ? said.text : host;
    recipient.diagnostic = for_outsiders(recipient.diagnostic, named_in, queued, table);
}

// Several members of a group look alike where they are not named.
std::vector<mail::DsnRecipient> each_once(std::vector<mail::DsnRecipient> recipients) {
    std::vector<mail::DsnRecipient> once;
    for (auto& one : recipients) {
        bool const is_known = std::any_of(once.begin(), once.end(), [&](auto const& other) {
            return one.is_one_of_several && other.original == one.original &&
                   other.final_recipient == one.final_recipient && other.status == one.status &&
                   other.diagnostic == one.diagnostic;
        });
        if (!is_known) once.push_back(std::move(one));
    }
    return once;
}

}  // namespace

Audience audience_of(mail::ReversePath const& sender, resolver::RoutingTable const& table) {
    if (sender.is_null()) return Audience::outsider;
    auto const* rule = table.acceptance.find(sender.mailbox()->domain());
    bool const is_ours = rule && !std::holds_alternative<resolver::Relay>(rule->action);
    return is_ours ? Audience::insider : Audience::outsider;
}

bool wants_content(spool::QueueItem const& item) {
    return item.returns == mail::ReturnContent::full && item.size <= max_returned_octets &&
           item.octets == spool::ContentOctets::seven_bit;
}

std::vector<mail::DsnRecipient> failed_recipients(
    spool::Settlement const& settlement, Reader const& reader
) {
    std::vector<mail::DsnRecipient> recipients;
    for (auto const& failed : settlement.failed) {
        if (!failed.recipient.notify.wants_failure()) continue;
        auto recipient = about(settlement.item, failed.recipient, reader.audience);
        recipient.status = failed.status;
        recipient.reason = reason_for(failed);
        if (failed.diagnostic && !is_own_words(failed.host, *failed.diagnostic)) {
            quote(recipient, failed.host, *failed.diagnostic, failed.recipient, reader.table);
        } else {
            recipient.is_host_hidden = false;  // no host has said anything
            if (!is_own_standard_text(failed.status)) {
                recipient.diagnostic = diagnostic_text(failed.status, false);
                recipient.is_own_account = true;
            }
        }
        recipients.push_back(std::move(recipient));
    }
    return each_once(std::move(recipients));
}

std::vector<mail::DsnRecipient> delayed_recipients(
    spool::Settlement const& settlement, spool::RetrySchedule const& schedule, Reader const& reader
) {
    std::vector<mail::DsnRecipient> recipients;
    for (auto const& delayed : settlement.delayed) {
        auto recipient = about(settlement.item, delayed, reader.audience);
        if (delayed.last_status) {
            recipient.status = *delayed.last_status;
            if (!is_own_words(delayed.last_host, *delayed.last_status)) {
                quote(recipient, delayed.last_host, *delayed.last_status, delayed, reader.table);
            }
        }
        if (recipient.diagnostic.empty()) recipient.is_host_hidden = false;
        recipient.will_retry_until = spool::expiry(schedule, settlement.item);
        recipients.push_back(std::move(recipient));
    }
    return each_once(std::move(recipients));
}

std::vector<mail::DsnRecipient> succeeded_recipients(
    spool::Settlement const& settlement, spool::Success success, Reader const& reader
) {
    std::vector<mail::DsnRecipient> recipients;
    for (auto const& succeeded : settlement.succeeded) {
        if (succeeded.success != success) continue;
        auto recipient = about(settlement.item, succeeded.recipient, reader.audience);
        recipient.final_recipient =
            recipient.original;  // it says where mail is, and to whom it went
        recipient.status = succeeded.status;
        if (!recipient.is_host_hidden) recipient.remote_mta = succeeded.host;
        recipients.push_back(std::move(recipient));
    }
    return recipients;
}

mail::DsnRecipient expanded_recipient(std::string const& typed, ReportWish const& wish) {
    mail::DsnRecipient recipient;
    recipient.original = typed;
    recipient.final_recipient = typed;
    recipient.orcpt = mail::parse_original_recipient(wish.orcpt);
    recipient.status = {250, {0, 0}, {}};
    return recipient;
}

MessagePtr build_report(ReportRequest const& request, spool::SpoolId id, mail::Instant now) {
    auto const& item = request.about;
    mail::HeaderScan scan;
    scan.feed(request.original);
    auto const& sender = *item.from.mailbox();
    auto const& host = request.reporting_mta;
    mail::DsnInput input{
        request.action,
        host,
        request.postmaster,
        sender,
        item.arrived,
        now,
        fmt::format("{}.report@{}", id.to_text(), host),
        fmt::format("=_{}_{:016x}", id.to_text(), std::hash<std::string_view>{}(request.original)),
        request.recipients,
        scan.message_id(),
        std::string(scan.section())};
    input.envelope_id = mail::from_xtext(item.envelope_id).value_or("");
    input.log_id = item.id.to_text();
    if (request.audience == Audience::insider) input.received_from = item.helo;
    // RFC 3461 4.3: RET speaks of reports of failure.
    bool const is_whole = request.action == mail::DsnAction::failed && wants_content(item) &&
                          request.original.size() == item.size;
    if (is_whole && mail::can_be_returned(request.original, input.boundary)) {
        input.content = request.original;
    }
    return own_message(mail::build_dsn(input), sender, host, id, now);
}

MessagePtr own_message(
    std::string text,
    mail::Mailbox const& to,
    std::string const& hostname,
    spool::SpoolId id,
    mail::Instant now
) {
    auto message = std::make_shared<Message>();
    auto& item = message->item;
    item.id = id;
    item.arrived = now;
    item.size = text.size();
    item.checksum = spool::crc32c(text);
    item.client = "local";
    item.helo = hostname;
    item.is_report = true;
    bool const ascii = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
    item.octets = ascii ? spool::ContentOctets::seven_bit : spool::ContentOctets::eight_bit_header;
    item.body_kind = ascii ? spool::BodyKind::seven_bit : spool::BodyKind::eight_bit;
    item.smtputf8 = mail::needs_smtputf8(to);
    spool::QueuedRecipient recipient;
    recipient.original = to.to_wire();
    recipient.rcpt = to.to_wire();
    recipient.next_attempt = now;
    item.recipients.push_back(std::move(recipient));
    message->body = std::make_shared<std::string const>(std::move(text));
    return message;
}

}  // namespace splitmx::relay
