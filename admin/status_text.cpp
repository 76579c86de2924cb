#include "admin/status_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "queue/text.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;
using control::number_of;
using control::text_of;

// A word in its column; one that is too long gives way to the next.
std::string column(std::string const& text, std::size_t width) {
    if (text.size() < width) return text + std::string(width - text.size(), ' ');
    return text.substr(0, width - 3) + "~  ";
}

std::int64_t time_of(json::object const& object, std::string_view name) {
    return static_cast<std::int64_t>(number_of(object, name));
}

json::array const& items_of(json::object const& object, std::string_view name) {
    static json::array const none;
    auto const* value = object.if_contains(json::string_view(name.data(), name.size()));
    auto const* items = value != nullptr ? value->if_array() : nullptr;
    return items != nullptr ? *items : none;
}

json::object const& object_of(json::object const& object, std::string_view name) {
    static json::object const none;
    auto const* value = object.if_contains(json::string_view(name.data(), name.size()));
    auto const* found = value != nullptr ? value->if_object() : nullptr;
    return found != nullptr ? *found : none;
}

std::string when(std::int64_t seconds) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string since(std::int64_t now, std::int64_t then) {
    return queue::age_text(std::chrono::seconds(now - then));
}

std::string certificate_line(json::object const& certificate, std::int64_t now) {
    if (certificate.empty()) return {};
    auto const end = time_of(certificate, "not_after");
    constexpr std::int64_t day = 24 * 60 * 60;
    auto const days = static_cast<std::uint64_t>(end > now ? end - now : now - end) / day;
    return fmt::format(
        "tls        {:<14} {} {} ({} {})\n",
        text_of(certificate, "name"),
        end > now ? "valid until" : "EXPIRED on",
        when(end),
        counted(days, "day"),
        end > now ? "left" : "ago"
    );
}

std::string directory_lines(json::object const& directories) {
    std::string text;
    for (auto const& [name, value] : directories) {
        auto const& directory = value.as_object();
        auto const detail = text_of(directory, "detail");
        text += fmt::format(
            "directory  {:<14} {}{}\n",
            std::string(name),
            text_of(directory, "state"),
            detail.empty() ? "" : "  " + detail
        );
    }
    return text;
}

}  // namespace

std::string counted(std::uint64_t number, std::string const& noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string host_heading() {
    return "host                  state   since   waiting  now  last answer\n";
}

std::string host_line(json::object const& host, std::int64_t now) {
    auto answer = text_of(host, "last_answer");
    auto const state = text_of(host, "state");
    if (state == "paused") {
        auto const reason = text_of(host, "reason");
        answer = reason.empty() ? "paused" : fmt::format("paused: \"{}\"", reason);
    }
    auto line = fmt::format(
        "{}{:<8}{:<8}{:<9}{:<5}{}",
        column(text_of(host, "name"), 22),
        state,
        since(now, time_of(host, "since")),
        number_of(host, "waiting"),
        number_of(host, "in_delivery"),
        answer
    );
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string status_text(json::object const& status) {
    auto const now = time_of(status, "now");
    auto text = fmt::format(
        "splitmxd {}  up {}  configuration {} ({})\n",
        text_of(status, "version"),
        since(now, time_of(status, "started")),
        number_of(status, "generation"),
        text_of(status, "hash")
    );
    for (auto const& item : items_of(status, "listeners")) {
        auto const& listener = item.as_object();
        text += fmt::format(
            "listener   {:<14} {}  {}\n",
            text_of(listener, "name"),
            text_of(listener, "address"),
            counted(number_of(listener, "sessions"), "session")
        );
    }
    text += certificate_line(object_of(status, "certificate"), now);
    text += directory_lines(object_of(status, "directories"));
    auto const& queue = object_of(status, "queue");
    text += fmt::format(
        "queue      {}, {}; {} in delivery, {} waiting, {} held\n",
        counted(number_of(queue, "messages"), "message"),
        queue::size_text(number_of(queue, "octets")),
        number_of(queue, "in_delivery"),
        number_of(queue, "deferred"),
        number_of(queue, "held")
    );
    if (queue.contains("oldest")) {
        text += fmt::format("           oldest {}\n", since(now, time_of(queue, "oldest")));
    }
    if (!control::flag_of(queue, "complete")) {
        text += "           messages of an earlier run are still being read\n";
    }
    std::size_t fine = 0;
    for (auto const& item : items_of(status, "hosts")) {
        auto const& host = item.as_object();
        auto const state = text_of(host, "state");
        if (state == "up") {
            ++fine;
            continue;
        }
        auto const why = state == "paused" ? text_of(host, "reason") : text_of(host, "last_answer");
        text += fmt::format(
            "host       {:<14} {} for {}, {} waiting{}\n",
            text_of(host, "name"),
            state,
            since(now, time_of(host, "since")),
            number_of(host, "waiting"),
            why.empty() ? "" : "\n           " + why
        );
    }
    text += fmt::format("hosts      {} up\n", fine);
    auto const& spool = object_of(status, "spool");
    auto const damaged = number_of(spool, "damaged");
    text += fmt::format(
        "spool      {} used of {}{}\n",
        queue::size_text(number_of(spool, "used")),
        queue::size_text(number_of(spool, "limit")),
        damaged > 0 ? fmt::format(", {} damaged set aside", counted(damaged, "message")) : ""
    );
    if (control::flag_of(spool, "degraded")) {
        text += "           the journal cannot be used: mail is taken, more slowly; the log says why, and a "
                "restart tries again\n";
    }
    if (auto const& last = object_of(status, "last_reload"); !last.empty()) {
        text += fmt::format(
            "reload     {} by {}: {}{}\n",
            when(time_of(last, "at")),
            text_of(last, "by"),
            control::flag_of(last, "done") ? "" : "refused, ",
            text_of(last, "text")
        );
    }
    for (auto const& change : control::texts_of(status, "waits_for_restart")) {
        text += "restart    waits for one: " + change + "\n";
    }
    return text;
}

}  // namespace splitmx::admin
