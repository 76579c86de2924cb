#include "mail/dsn_text.hpp"

#include "mail/date_time.hpp"
#include "mail/fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace splitmx::mail {

namespace {

// {address}: as typed. {domain}: its domain. {postmaster}, {from}: ours, the sender's address.
// {age}: how long the message has been waiting. {member}: whom of several it is about, {why}: our
// reason.
struct ReasonText {
    Reason reason;
    std::string_view what;
    std::string_view advice;
};

constexpr std::array<ReasonText, 11> reason_texts{{
    {Reason::unknown_recipient,
     "Nobody at {domain} has the address {address}.",
     "Check the spelling and send the message again. If you took the address from an old message, "
     "ask the person for the present one."},
    {Reason::bad_address,
     "{address} is not a valid mail address.",
     "Look for blanks, doubled dots or a missing part around the @, and send the message again."},
    {Reason::ambiguous,
     "More than one recipient has the address {address}, so it is not clear who should get the "
     "message.",
     "Only {postmaster} can put that right. Until then use another address of the person."},
    {Reason::disabled,
     "The mailbox {address} has been switched off.",
     "Sending the message again will not help. Reach the person in another way."},
    {Reason::too_large,
     "The message is larger than what is accepted for {address}.",
     "Send it in smaller parts, or give the recipient the files in another way."},
    {Reason::no_route,
     "The address {address} exists, but the mail system does not know where to deliver its mail.",
     "Only {postmaster} can put that right. Please write there and include this report."},
    {Reason::loop,
     "Mail for {address} goes round in circles between mail systems.",
     "Only {postmaster} can put that right. Please write there and include this report."},
    {Reason::relay_denied,
     "This mail system does not pass on mail from you to {address}.",
     "Send the message through the mail server of your own organisation or provider."},
    {Reason::restricted,
     "{address} does not accept mail from {from}.",
     "Ask the recipient, or {postmaster}, to be allowed to write there."},
    {Reason::expired,
     "The message for {address} could not be delivered within {age}; the mail system has given up.",
     "Send the message again later, or reach the person in another way."},
    {Reason::directory_unavailable,
     "The mail system could not look up the address {address}.",
     "That is a fault of the mail system and not of your message. If it lasts, tell {postmaster}."},
}};

// Without a reason of ours, the reply of the other host is all that is known.
constexpr ReasonText refused_by_host{
    Reason::mailbox,
    "The mail server {host} refused the message for {address}.",
    "Its answer, below, may say why. If it does not help, ask the postmaster of {domain}."};
constexpr ReasonText failed_somehow{
    Reason::mailbox,
    "The message for {address} could not be delivered.",
    "Reach the person in another way, or ask {postmaster}."};
constexpr ReasonText deferred_by_host{
    Reason::mailbox, "The mail server {host} has not taken the message for {address} so far.", ""};
constexpr ReasonText deferred_somehow{
    Reason::mailbox, "The message for {address} could not be delivered so far.", ""};

// Outsiders do not learn which of our hosts it was.
constexpr ReasonText refused_inside{
    Reason::mailbox,
    "The mail system of {domain} refused the message for {address}.",
    "Its answer, below, may say why. If it does not help, ask {postmaster}."};
constexpr ReasonText deferred_inside{
    Reason::mailbox,
    "The mail system of {domain} has not taken the message for {address} so far.",
    ""};

// What was not even tried, since the next host lacks an extension: the subject is 6 then.
struct LackText {
    std::uint16_t detail;
    ReasonText text;
};
constexpr std::array<LackText, 3> lack_texts{{
    {3,
     {Reason::mailbox,
      "The next mail system on the way to {address} takes messages in 7-bit form only, and this one "
      "has other characters in it as they are.",
      "Send it with the encoding quoted-printable or Base64; most mail programs can."}},
    {7,
     {Reason::mailbox,
      "The next mail system on the way to {address} takes addresses in plain ASCII letters only.",
      "Use other addresses, of yours or of the recipient, if there are any in plain letters."}},
    {9,
     {Reason::mailbox,
      "The next mail system on the way to {address} takes header fields in plain ASCII letters "
      "only.",
      "Send the message from a mail program that encodes names and subject, as most do."}},
}};

// The name service has nothing for the domain that the sender typed: mostly a slip of the pen.
constexpr ReasonText no_mail_system{
    Reason::mailbox,
    "There is no mail system for {domain}, the part behind the @ of {address}.",
    "Check the spelling of that part, and send the message again."};
constexpr ReasonText takes_no_mail{
    Reason::mailbox,
    "{domain}, the part behind the @ of {address}, takes no mail at all.",
    "Check the spelling of that part, or reach the person in another way."};

constexpr ReasonText delivered{Reason::mailbox, "It is in the mailbox of {address}.", ""};
constexpr ReasonText relayed{
    Reason::mailbox,
    "The message for {address} was handed on to a mail system that does not report what it "
    "delivers.",
    "You will hear again only if it cannot be delivered there."};
constexpr ReasonText expanded{
    Reason::mailbox,
    "{address} stands for several recipients, and the message is on its way to them.",
    "You will hear again only of those to whom it cannot be delivered."};

ReasonText const* lack_text(DsnRecipient const& recipient) {
    bool const is_lack = recipient.status.enhanced.subject == 6 && recipient.remote_mta.empty();
    auto const found = std::find_if(lack_texts.begin(), lack_texts.end(), [&](auto const& one) {
        return one.detail == recipient.status.enhanced.detail;
    });
    return is_lack && found != lack_texts.end() ? &found->text : nullptr;
}

// RFC 3463 3.2: X.1.2, RFC 7505 3: X.1.10.
ReasonText const* domain_text(DsnRecipient const& recipient) {
    bool const is_ours = recipient.goes_by_domain && recipient.remote_mta.empty();
    if (!is_ours || !recipient.status.is_permanent()) return nullptr;
    if (recipient.status.enhanced == EnhancedCode{1, 2}) return &no_mail_system;
    return recipient.status.enhanced == EnhancedCode{1, 10} ? &takes_no_mail : nullptr;
}

ReasonText const* success_text(DsnAction action) {
    if (action == DsnAction::delivered) return &delivered;
    if (action == DsnAction::relayed) return &relayed;
    return action == DsnAction::expanded ? &expanded : nullptr;
}

ReasonText const& text_for(DsnRecipient const& recipient, DsnAction action) {
    if (auto const* text = success_text(action)) return *text;
    if (recipient.reason) {
        auto const found =
            std::find_if(reason_texts.begin(), reason_texts.end(), [&](auto const& text) {
                return text.reason == *recipient.reason;
            });
        if (found != reason_texts.end()) return *found;
    }
    if (action == DsnAction::failed) {
        if (recipient.is_host_hidden) return refused_inside;
        if (auto const* text = lack_text(recipient)) return *text;
        if (auto const* text = domain_text(recipient)) return *text;
        return recipient.remote_mta.empty() ? failed_somehow : refused_by_host;
    }
    if (recipient.is_host_hidden) return deferred_inside;
    return recipient.remote_mta.empty() ? deferred_somehow : deferred_by_host;
}

std::string domain_of(std::string_view typed) {
    auto const mailbox = Mailbox::parse(typed);
    if (mailbox) return mailbox->domain().text();
    return "that system";
}

// What was typed is right, and sent again it would reach the others twice.
ReasonText one_of_several(DsnRecipient const& recipient, DsnAction action) {
    bool const is_named = recipient.final_recipient != recipient.original;
    if (action == DsnAction::delayed) {
        return is_named ? ReasonText{
                              Reason::group,
                              "{address} stands for several recipients, and one of them, {member}, "
                              "has not got the message so far.",
                              ""}
                        : ReasonText{
                              Reason::group,
                              "{address} stands for several recipients, and not all of them have "
                              "got the message so far.",
                              ""};
    }
    constexpr std::string_view advice =
        "This report says nothing of the others: do not send the message to {address} again. If "
        "it matters, write to {postmaster}.";
    if (!is_named) {
        return {
            Reason::group,
            "{address} stands for several recipients, and not all of them got the message.",
            advice};
    }
    return {
        Reason::group,
        "{address} stands for several recipients, and one of them, {member}, did not get the "
        "message{why}.",
        advice};
}

ReasonText text_of_one(DsnRecipient const& recipient, DsnAction action) {
    if (recipient.is_one_of_several && !success_text(action)) {
        return one_of_several(recipient, action);
    }
    return text_for(recipient, action);
}

// In the words of the reply, where no host has said why.
std::string why_text(DsnRecipient const& recipient) {
    if (!recipient.reason) return {};
    return ": " + status_of(*recipient.reason).text;
}

}  // namespace

Explanation explanation_for(DsnRecipient const& recipient, DsnInput const& input) {
    auto const text = text_of_one(recipient, input.action);
    auto const clean = [&](std::string_view from_outside) {
        return needs_smtputf8(input.to) ? to_log_text(from_outside) : to_seven_bit(from_outside);
    };
    auto const fill = [&](std::string_view sentence) {
        return fmt::format(
            fmt::runtime(sentence),
            fmt::arg("address", clean(recipient.original)),
            fmt::arg("domain", domain_of(recipient.original)),
            fmt::arg("postmaster", clean(input.postmaster.to_wire())),
            fmt::arg("from", clean(input.to.to_wire())),
            fmt::arg("host", clean(recipient.remote_mta)),
            fmt::arg("member", clean(recipient.final_recipient)),
            fmt::arg("why", why_text(recipient)),
            fmt::arg(
                "age", to_words(std::chrono::duration_cast<Duration>(input.now - input.arrival))
            )
        );
    };
    Explanation explanation{fill(text.what), fill(text.advice)};
    if (input.action != DsnAction::delayed) return explanation;
    explanation.advice = "You need not send it again.";
    if (recipient.will_retry_until) {
        explanation.advice = fmt::format(
            "It will be tried again until {}. You need not send it again.",
            to_date_time(*recipient.will_retry_until)
        );
    }
    return explanation;
}

}  // namespace splitmx::mail
