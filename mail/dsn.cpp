#include "mail/dsn.hpp"

#include "mail/date_time.hpp"
#include "mail/dsn_text.hpp"
#include "mail/fold.hpp"
#include "mail/ip_address.hpp"
#include "mail/letter_case.hpp"
#include "mail/octets.hpp"
#include "mail/xtext.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace splitmx::mail {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t max_returned_line = 998;  // RFC 5322 2.1.1

struct ActionText {
    DsnAction action;
    std::string_view word;     // RFC 3464 2.3.3
    std::string_view subject;  // begins it
    std::string_view opening;  // of the text, behind "Your message of DATE "
};

constexpr std::array<ActionText, 5> action_texts{{
    {DsnAction::failed, "failed", "Undelivered mail", "could not be delivered to:"},
    {DsnAction::delayed, "delayed", "Delayed mail", "has not been delivered yet to:"},
    {DsnAction::delivered, "delivered", "Delivered mail", "was delivered to:"},
    {DsnAction::relayed, "relayed", "Mail handed on", "was handed on for:"},
    {DsnAction::expanded, "expanded", "Mail to a group", "was sent on to the members of:"},
}};

ActionText const& text_of(DsnAction action) {
    return action_texts.at(static_cast<std::size_t>(action));
}

bool is_success(DsnAction action) {
    return action != DsnAction::failed && action != DsnAction::delayed;
}

// How text from outside may stand in this report.
std::string clean(std::string_view text, DsnInput const& input) {
    return needs_smtputf8(input.to) ? to_log_text(text) : to_seven_bit(text);
}

std::string subject(DsnInput const& input) {
    std::string text(text_of(input.action).subject);
    if (!input.recipients.empty()) text += ": " + clean(input.recipients.front().original, input);
    if (input.recipients.size() > 1)
        text += fmt::format(" and {} more", input.recipients.size() - 1);
    return text;
}

std::string header_section(DsnInput const& input) {
    // RFC 5321 4.5.1: the postmaster of our host name exists in any case.
    auto const from = input.postmaster.is_ascii() ? input.postmaster.to_wire()
                                                  : "postmaster@" + input.reporting_mta;
    std::string out = text_field("From", "Mail Delivery System <" + from + ">");
    out += field("To", "<" + input.to.to_wire() + ">");
    out += text_field("Subject", subject(input));
    out += field("Date", to_date_time(input.now));
    out += field("Message-ID", "<" + to_seven_bit(input.message_id) + ">");
    if (input.original_message_id) {
        out += field("In-Reply-To", to_seven_bit(*input.original_message_id));
        out += field("References", to_seven_bit(*input.original_message_id));
    }
    out += "Auto-Submitted: auto-replied\r\n";
    out += "MIME-Version: 1.0\r\n";
    out += "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"";
    out += input.boundary;
    out += "\"\r\n";
    return out;
}

std::string part(DsnInput const& input, std::string_view type) {
    return fmt::format("\r\n--{}\r\nContent-Type: {}\r\n\r\n", input.boundary, type);
}

std::string paragraph(std::string_view text, std::string_view indent = "") {
    return fmt::format("{}{}\r\n", indent, fold_text(text, indent.size(), indent));
}

// A peer's reply: its lines one by one, so that it stays readable.
std::string quoted_reply(std::string_view reply, DsnInput const& input) {
    std::string out;
    while (!reply.empty()) {
        auto const end = reply.find('\n');
        auto line = reply.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!line.empty()) out += paragraph(clean(line, input), "        ");
        if (end == std::string_view::npos) break;
        reply.remove_prefix(end + 1);
    }
    return out;
}

std::string recipient_text(DsnRecipient const& recipient, DsnInput const& input) {
    auto const explanation = explanation_for(recipient, input);
    std::string out = fold_words({"<" + clean(recipient.original, input) + ">"}, 0, "");
    if (recipient.final_recipient != recipient.original && !recipient.final_recipient.empty()) {
        out += "\r\n    " +
               fold_words({"(for", clean(recipient.final_recipient, input) + ")"}, 4, "    ");
    }
    out += line_end;
    out += line_end;
    out += paragraph(explanation.what + " " + explanation.advice, "    ");
    if (!recipient.diagnostic.empty()) {
        out += line_end;
        auto const nobody =
            recipient.is_own_account ? "What happened last:" : "The last answer was:";
        out += recipient.remote_mta.empty()
                   ? paragraph(nobody, "    ")
                   : paragraph("The answer of " + to_seven_bit(recipient.remote_mta) + ":", "    ");
        out += quoted_reply(recipient.diagnostic, input);
    }
    return out + "\r\n";
}

std::string text_part(DsnInput const& input) {
    std::string out = part(
        input,
        needs_smtputf8(input.to) ? "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit"
                                 : "text/plain; charset=us-ascii"
    );
    out += paragraph("This is the mail system at " + to_seven_bit(input.reporting_mta) + ".");
    out += line_end;
    out += paragraph(fmt::format(
        "Your message of {} {}", to_date_time(input.arrival), text_of(input.action).opening
    ));
    out += line_end;
    for (auto const& recipient : input.recipients) out += recipient_text(recipient, input);
    out += paragraph(
        is_success(input.action) ? "You have asked for this report. It says nothing about "
                                   "recipients that are not named here."
                                 : "Recipients that are not named here are not affected."
    );
    out += paragraph(
        "If you need help, write to " + clean(input.postmaster.to_wire(), input) +
        " and include this report."
    );
    return out;
}

// An address as a field of a report has it: its type, and the address in the form of the report
// (RFC 3464 2.3.1, RFC 6533 3).
std::string typed_field(std::string_view type, std::string_view address, DsnInput const& input) {
    if (type == "utf-8" && !needs_smtputf8(input.to)) {
        return "utf-8; " + to_utf8_addr_xtext(address);
    }
    return fmt::format("{}; {}", type, clean(address, input));
}

// A member of a group may be known by the name of its entry alone.
std::string address_field(std::string_view text, DsnInput const& input) {
    bool const is_address = text.find('=') == std::string_view::npos || Mailbox::parse(text);
    if (!is_address) return typed_field("x-directory", text, input);
    bool const is_utf8 = has_high_octets(text) && from_utf8_addr(to_utf8_addr_xtext(text)) == text;
    return typed_field(is_utf8 ? "utf-8" : "rfc822", text, input);
}

std::string original_field(DsnRecipient const& recipient, DsnInput const& input) {
    if (!recipient.orcpt) {
        bool const is_utf8 =
            has_high_octets(recipient.original) && Mailbox::parse(recipient.original);
        return typed_field(is_utf8 ? "utf-8" : "rfc822", recipient.original, input);
    }
    return typed_field(to_lower(recipient.orcpt->type), recipient.orcpt->address, input);
}

std::string status_text(Status const& status) {
    auto const text = status.enhanced_text();
    return text.empty() ? "5.0.0" : text;
}

// "mbx1.adatum.com[192.0.2.7]:25", "192.0.2.7:25" or "[2001:db8::1]:25", as logs have it. RFC 3464
// 2.1.2: a name or an address literal it is here, without a port.
std::string mta_name(std::string_view text) {
    if (text.starts_with("unix:")) return "x-unix; " + to_seven_bit(text.substr(5));
    bool const is_v6 = text.starts_with('[');
    auto const host =
        is_v6 ? text.substr(1, text.find(']') - 1) : text.substr(0, text.find_first_of("[:"));
    auto const address = IpAddress::parse(host);
    return "dns; " + (address ? address->to_literal() : to_seven_bit(is_v6 ? text : host));
}

std::string recipient_fields(DsnRecipient const& recipient, DsnInput const& input) {
    std::string out = "\r\n";
    auto const& final_recipient =
        recipient.final_recipient.empty() ? recipient.original : recipient.final_recipient;
    // RFC 3461 6.3 (d): only where there was an ORCPT. But where the final recipient is not what the
    // sender typed (a member of a group, an alternate), nothing else tells programs which address
    // of his the report is about.
    if (recipient.orcpt || final_recipient != recipient.original) {
        out += field("Original-Recipient", original_field(recipient, input));
    }
    out += field("Final-Recipient", address_field(final_recipient, input));
    out += field("Action", text_of(input.action).word);
    out += field("Status", status_text(recipient.status));
    if (!recipient.remote_mta.empty()) {
        out += field("Remote-MTA", mta_name(recipient.remote_mta));
    }
    if (!recipient.diagnostic.empty()) {
        auto reply = recipient.diagnostic;
        for (char& c : reply) {
            if (c == '\r' || c == '\n') c = ' ';
        }
        // RFC 3464 2.3.6: "smtp" is for what a host has replied.
        auto const type = recipient.is_own_account ? "x-splitmx; " : "smtp; ";
        out += text_field("Diagnostic-Code", type + clean(reply, input));
    }
    if (recipient.is_attempt_known) out += field("Last-Attempt-Date", to_date_time(input.now));
    if (!input.log_id.empty()) out += field("Final-Log-ID", to_seven_bit(input.log_id));
    if (input.action == DsnAction::delayed && recipient.will_retry_until) {
        out += field("Will-Retry-Until", to_date_time(*recipient.will_retry_until));
    }
    return out;
}

std::string status_part(DsnInput const& input) {
    std::string out = part(
        input,
        needs_smtputf8(input.to)
            ? "message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit"
            : "message/delivery-status"
    );
    if (!input.envelope_id.empty()) {
        out += field("Original-Envelope-Id", to_seven_bit(input.envelope_id));
    }
    out += field("Reporting-MTA", "dns; " + to_seven_bit(input.reporting_mta));
    if (!input.received_from.empty()) {
        out += text_field("Received-From-MTA", "dns; " + to_seven_bit(input.received_from));
    }
    out += field("Arrival-Date", to_date_time(input.arrival));
    for (auto const& recipient : input.recipients) out += recipient_fields(recipient, input);
    return out;
}

// One line of the original: in the form of the report, in pieces that fit, never like a boundary.
std::string returned_line(std::string_view line, DsnInput const& input) {
    std::string text;
    for (;;) {
        auto const tab = line.find('\t');
        text += clean(line.substr(0, tab), input);
        if (tab == std::string_view::npos) break;
        text += '\t';
        line.remove_prefix(tab + 1);
    }
    if (text.starts_with("--")) text.replace(0, 1, "\\x2D");
    std::string out;
    std::string_view rest = text;
    while (rest.size() > max_word_octets) {
        out += rest.substr(0, max_word_octets);
        out += "\r\n ";
        rest.remove_prefix(max_word_octets);
    }
    out += rest;
    return out + "\r\n";
}

std::string headers_part(DsnInput const& input) {
    std::string out = part(
        input,
        needs_smtputf8(input.to) ? "message/global-headers\r\nContent-Transfer-Encoding: 8bit"
                                 : "text/rfc822-headers"
    );
    std::string_view rest = input.headers;
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        auto line = rest.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        out += returned_line(line, input);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace

std::string_view to_text(DsnAction action) { return text_of(action).word; }

bool needs_smtputf8(Mailbox const& to) { return !to.is_ascii(); }

bool can_be_returned(std::string_view content, std::string_view boundary) {
    if (has_high_octets(content) || content.find(boundary) != std::string_view::npos) return false;
    while (!content.empty()) {
        auto const end = content.find("\r\n");
        auto const line = content.substr(0, end);
        if (line.size() > max_returned_line || line.find('\0') != std::string_view::npos)
            return false;
        if (end == std::string_view::npos) break;
        content.remove_prefix(end + 2);
    }
    return true;
}

std::string build_dsn(DsnInput const& input) {
    std::string out = header_section(input);
    out += text_part(input);
    out += status_part(input);
    if (!input.content.empty())
        out += part(input, "message/rfc822") + input.content;
    else if (!input.headers.empty())
        out += headers_part(input);
    return out + "\r\n--" + input.boundary + "--\r\n";
}

}  // namespace splitmx::mail
