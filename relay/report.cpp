#include "relay/report.hpp"

#include "mail/header_scan.hpp"
#include "relay/hop.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::string diagnostic_text(mail::Status const& status) {
    auto const enhanced = status.enhanced_text();
    return fmt::format(
        "{} {}{}{}", status.code, enhanced, enhanced.empty() ? "" : " ", status.text
    );
}

}  // namespace

std::vector<mail::DsnRecipient> failed_recipients(spool::Settlement const& settlement) {
    std::vector<mail::DsnRecipient> recipients;
    for (auto const& failed : settlement.failed) {
        mail::DsnRecipient recipient;
        recipient.original = failed.recipient.original;
        recipient.final_recipient = failed.recipient.original;
        recipient.status = failed.status;
        recipient.reason = reason_for(failed);
        recipient.remote_mta = failed.host;
        bool const is_known = failed.host.empty() && failed.diagnostic &&
                              is_own_standard_text(*failed.diagnostic);
        if (failed.diagnostic && !is_known)
            recipient.diagnostic = diagnostic_text(*failed.diagnostic);
        else if (!is_own_standard_text(failed.status))
            recipient.diagnostic = diagnostic_text(failed.status);
        recipients.push_back(std::move(recipient));
    }
    return recipients;
}

std::vector<mail::DsnRecipient> delayed_recipients(
    spool::Settlement const& settlement, spool::RetrySchedule const& schedule
) {
    std::vector<mail::DsnRecipient> recipients;
    for (auto const& delayed : settlement.delayed) {
        mail::DsnRecipient recipient;
        recipient.original = delayed.original;
        recipient.final_recipient = delayed.original;
        if (delayed.last_status) {
            recipient.status = *delayed.last_status;
            if (!delayed.last_host.empty() || !is_own_standard_text(*delayed.last_status)) {
                recipient.diagnostic = diagnostic_text(*delayed.last_status);
            }
        }
        recipient.remote_mta = delayed.last_host;
        recipient.will_retry_until = spool::expiry(schedule, settlement.item);
        recipients.push_back(std::move(recipient));
    }
    return recipients;
}

MessagePtr build_report(ReportRequest const& request, spool::SpoolId id, mail::Instant now) {
    mail::HeaderScan scan;
    scan.feed(request.original);
    auto const& sender = *request.about.from.mailbox();
    auto const& host = request.reporting_mta;
    mail::DsnInput input{
        request.action,
        host,
        request.postmaster,
        sender,
        request.about.arrived,
        now,
        fmt::format("{}.report@{}", id.to_text(), host),
        fmt::format("=_{}_{:016x}", id.to_text(), std::hash<std::string_view>{}(request.original)),
        request.recipients,
        scan.message_id(),
        std::string(scan.section())};
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
    spool::QueuedRecipient recipient;
    recipient.original = to.to_wire();
    recipient.rcpt = to.to_wire();
    recipient.next_attempt = now;
    item.recipients.push_back(std::move(recipient));
    message->body = std::make_shared<std::string const>(std::move(text));
    return message;
}

}  // namespace splitmx::relay
