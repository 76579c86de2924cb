#include "mail/dsn.hpp"

#include "mail/date_time.hpp"
#include "mail/dsn_text.hpp"
#include "mail/fold.hpp"

#include <fmt/format.h>

#include <string_view>

namespace splitmx::mail {

namespace {

constexpr std::string_view line_end = "\r\n";

// A UTF-8 address has no form in a 7-bit header field (RFC 6857 3.1.10).
std::string to_header(Mailbox const& mailbox) {
    if (!mailbox.is_ascii()) return "undisclosed-recipients:;";
    return "<" + mailbox.to_wire() + ">";
}

std::string subject(DsnInput const& input) {
    auto text = input.action == DsnAction::failed ? std::string("Undelivered mail")
                                                  : std::string("Delayed mail");
    if (!input.recipients.empty()) text += ": " + to_seven_bit(input.recipients.front().original);
    if (input.recipients.size() > 1)
        text += fmt::format(" and {} more", input.recipients.size() - 1);
    return text;
}

std::string header_section(DsnInput const& input) {
    // RFC 5321 4.5.1: the postmaster of our host name exists in any case.
    auto const from = input.postmaster.is_ascii() ? input.postmaster.to_wire()
                                                  : "postmaster@" + input.reporting_mta;
    std::string out = text_field("From", "Mail Delivery System <" + from + ">");
    out += field("To", to_header(input.to));
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
std::string quoted_reply(std::string_view reply) {
    std::string out;
    while (!reply.empty()) {
        auto const end = reply.find('\n');
        auto line = reply.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!line.empty()) out += paragraph(to_seven_bit(line), "        ");
        if (end == std::string_view::npos) break;
        reply.remove_prefix(end + 1);
    }
    return out;
}

std::string recipient_text(DsnRecipient const& recipient, DsnInput const& input) {
    auto const explanation = explanation_for(recipient, input);
    std::string out = fold_words({"<" + to_seven_bit(recipient.original) + ">"}, 0, "");
    if (recipient.final_recipient != recipient.original && !recipient.final_recipient.empty()) {
        out += "\r\n    " +
               fold_words({"(for", to_seven_bit(recipient.final_recipient) + ")"}, 4, "    ");
    }
    out += line_end;
    out += line_end;
    out += paragraph(explanation.what + " " + explanation.advice, "    ");
    if (!recipient.diagnostic.empty()) {
        out += line_end;
        out += recipient.remote_mta.empty()
                   ? paragraph("The last answer was:", "    ")
                   : paragraph("The answer of " + to_seven_bit(recipient.remote_mta) + ":", "    ");
        out += quoted_reply(recipient.diagnostic);
    }
    return out + "\r\n";
}

std::string text_part(DsnInput const& input) {
    std::string out = part(input, "text/plain; charset=us-ascii");
    out += paragraph("This is the mail system at " + to_seven_bit(input.reporting_mta) + ".");
    out += line_end;
    auto const sent = to_date_time(input.arrival);
    out += input.action == DsnAction::failed
               ? paragraph("Your message of " + sent + " could not be delivered to:")
               : paragraph("Your message of " + sent + " has not been delivered yet to:");
    out += line_end;
    for (auto const& recipient : input.recipients) out += recipient_text(recipient, input);
    out += paragraph("Recipients that are not named here are not affected.");
    out += paragraph(
        "If you need help, write to " + to_seven_bit(input.postmaster.to_wire()) +
        " and include this report."
    );
    return out;
}

// A member of a group may be known by the name of its entry alone.
std::string typed_address(std::string_view text) {
    bool const is_address = text.find('=') == std::string_view::npos || Mailbox::parse(text);
    return (is_address ? "rfc822; " : "x-directory; ") + to_seven_bit(text);
}

std::string status_text(Status const& status) {
    auto const text = status.enhanced_text();
    return text.empty() ? "5.0.0" : text;
}

std::string recipient_fields(DsnRecipient const& recipient, DsnInput const& input) {
    std::string out = "\r\n";
    auto const& final_recipient =
        recipient.final_recipient.empty() ? recipient.original : recipient.final_recipient;
    out += field("Original-Recipient", "rfc822; " + to_seven_bit(recipient.original));
    out += field("Final-Recipient", typed_address(final_recipient));
    out += field("Action", input.action == DsnAction::failed ? "failed" : "delayed");
    out += field("Status", status_text(recipient.status));
    if (!recipient.remote_mta.empty()) {
        out += field("Remote-MTA", "dns; " + to_seven_bit(recipient.remote_mta));
    }
    if (!recipient.diagnostic.empty()) {
        auto reply = recipient.diagnostic;
        for (char& c : reply) {
            if (c == '\r' || c == '\n') c = ' ';
        }
        out += text_field("Diagnostic-Code", "smtp; " + to_seven_bit(reply));
    }
    if (input.action == DsnAction::delayed && recipient.will_retry_until) {
        out += field("Will-Retry-Until", to_date_time(*recipient.will_retry_until));
    }
    return out;
}

std::string status_part(DsnInput const& input) {
    std::string out = part(input, "message/delivery-status");
    out += field("Reporting-MTA", "dns; " + to_seven_bit(input.reporting_mta));
    out += field("Arrival-Date", to_date_time(input.arrival));
    for (auto const& recipient : input.recipients) out += recipient_fields(recipient, input);
    return out;
}

// One line of the original: 7-bit, in pieces that fit, and never like a boundary.
std::string returned_line(std::string_view line) {
    std::string text;
    for (char const c : line) {
        if (c == '\t')
            text += c;
        else
            text += to_seven_bit(std::string_view(&c, 1));
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
    std::string out = part(input, "text/rfc822-headers");
    std::string_view rest = input.headers;
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        auto line = rest.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        out += returned_line(line);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace

std::string build_dsn(DsnInput const& input) {
    std::string out = header_section(input);
    out += text_part(input);
    out += status_part(input);
    if (!input.headers.empty()) out += headers_part(input);
    return out + "\r\n--" + input.boundary + "--\r\n";
}

}  // namespace splitmx::mail
