#include "relay/damage.hpp"

#include "mail/date_time.hpp"
#include "mail/fold.hpp"
#include "relay/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

constexpr std::size_t listed = 100;

std::string messages(std::size_t count) {
    return fmt::format("{} damaged message{}", count, count == 1 ? "" : "s");
}

std::string paragraph(std::string_view text) { return mail::fold_text(text, 0, "") + "\r\n\r\n"; }

std::string list_of(std::vector<spool::Damage> const& damaged) {
    std::string out;
    for (std::size_t i = 0; i < std::min(listed, damaged.size()); ++i) {
        auto const line = fmt::format("{}  {}", damaged[i].id.to_text(), damaged[i].error.what);
        out += "  " + mail::fold_text(mail::to_seven_bit(line), 2, "      ") + "\r\n";
    }
    if (damaged.size() > listed) {
        out += fmt::format("  and {} more; the log names them all\r\n", damaged.size() - listed);
    }
    return out + "\r\n";
}

// The store names the message in front of what it says; so does everybody who repeats it.
void drop_id(spool::Damage& damage) {
    auto const prefix = damage.id.to_text() + ": ";
    if (damage.error.what.starts_with(prefix)) damage.error.what.erase(0, prefix.size());
}

}  // namespace

MessagePtr build_damage_notice(DamageNotice const& about, spool::SpoolId id, mail::Instant now) {
    auto const& host = about.hostname;
    auto const& damaged = about.damaged;
    auto const address =
        about.postmaster.is_ascii() ? about.postmaster.to_wire() : "postmaster@" + host;
    auto text = mail::text_field("From", "Mail Delivery System <" + address + ">");
    text += mail::field("To", address);
    text += mail::text_field("Subject", messages(damaged.size()) + " set aside on " + host);
    text += mail::field("Date", mail::to_date_time(now));
    text += mail::field("Message-ID", fmt::format("<{}.notice@{}>", id.to_text(), host));
    text +=
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
    text += paragraph(fmt::format(
        "The mail system on {} found {} in its queue: what is on the disk is not what was written "
        "there.",
        host,
        messages(damaged.size())
    ));
    text += list_of(damaged);
    text += paragraph(
        "They had been accepted, and they will not be sent. Nothing of them was thrown away: they "
        "are kept in the spool as they were found, until you decide what becomes of them."
    );
    text += paragraph(fmt::format(
        "Look at the disk and the memory of the machine first; damage seldom comes alone. {} set "
        "aside by now. Spool: {}",
        about.all == 1 ? "One message is" : fmt::format("{} messages are", about.all),
        mail::to_seven_bit(about.spool)
    ));
    return own_message(std::move(text), about.postmaster, host, id, now);
}

asio::awaitable<MessagePtr> set_aside(
    Parts& parts, SpoolInbox& inbox, std::vector<spool::Damage> damaged
) {
    auto const now = std::chrono::system_clock::now();
    std::for_each(damaged.begin(), damaged.end(), drop_id);
    std::erase_if(damaged, [&parts](spool::Damage const& one) {
        if (one.error.code == spool::Errc::damaged) return false;
        parts.log.write(observe::SpoolTrouble{one.id.to_text(), one.error.what});
        return true;
    });
    if (damaged.empty()) co_return nullptr;
    spool::Changes changes;
    std::vector<observe::MessageSetAside> events;
    for (auto const& one : damaged) {
        events.push_back({one.id.to_text(), one.error.what});
        changes.emplace_back(spool::SetAside{one.id, now, one.error.what});
    }
    auto const settings = parts.settings();
    auto const all = parts.store.usage().damaged + damaged.size();
    auto told = parts.damage_notices.add(std::move(damaged), now);
    auto const alone = changes.size();
    MessagePtr notice;
    if (!told.empty() && settings->table->postmaster) {
        DamageNotice const about{
            std::move(told),
            all,
            settings->config.server.hostname.text(),
            *settings->table->postmaster,
            settings->config.spool.path.string()};
        notice = build_damage_notice(about, parts.ids.next(now), now);
        auto body = spool::Body::from_text(*notice->body);
        changes.emplace_back(spool::Put(item_of(notice), std::move(body)));
    }
    auto written = co_await commit(parts.spool, inbox, changes);
    if (!written && notice) {
        // No room for a notice: without one then.
        notice.reset();
        changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(alone), changes.end());
        written = co_await commit(parts.spool, inbox, std::move(changes));
    }
    // Said once it is so: whoever reads it looks for the message where it is said to be.
    if (written) {
        for (auto const& event : events) parts.log.write(event);
        co_return notice;
    }
    for (auto const& event : events) {
        auto const why = fmt::format("{}; not set aside: {}", event.what, written.error().what);
        parts.log.write(observe::SpoolTrouble{event.id, why});
    }
    co_return notice;
}

}  // namespace splitmx::relay
