#include "admin/directory_text.hpp"

#include "admin/decision_diff.hpp"
#include "admin/status_text.hpp"
#include "lint/wrap.hpp"
#include "mail/date_time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

namespace json = control::json;
using control::number_of;
using control::text_of;
using control::texts_of;

constexpr std::size_t label_width = 11;

std::string line(std::string const& label, std::string const& text) {
    return lint::wrapped(fmt::format("{:<{}}", label, label_width), text, label_width);
}

std::string ago(json::object const& object, char const* name, std::int64_t now) {
    auto const then = static_cast<std::int64_t>(number_of(object, name));
    return mail::to_short_words(std::chrono::seconds(now - then)) + " ago";
}

json::object const* member(json::object const& object, char const* name) {
    auto const* value = object.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

std::string counted_in_groups(std::uint64_t number, std::string const& one, char const* many) {
    return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::string state_text(json::object const& directory, std::int64_t now) {
    auto const state = text_of(directory, "state");
    auto const heard =
        directory.contains("last_heard") ? ago(directory, "last_heard", now) : std::string();
    if (text_of(directory, "method") == "file") return state + ", a file";
    if (state == "LIVE") return "LIVE, heard of " + heard;
    if (state == "STALE") {
        return fmt::format("STALE, heard of {}: for unknown addresses it is asked", heard);
    }
    if (state == "LOADING") return "LOADING, the first copy is being read";
    if (state == "EMPTY") return "EMPTY, nothing is known yet: the server is asked";
    return "DIRECT, the server is asked for each recipient";
}

std::string entries_text(json::object const& entries) {
    auto const mailboxes = number_of(entries, "mailboxes");
    auto const custom = number_of(entries, "custom_recipients");
    auto const groups = number_of(entries, "groups");
    auto const others = number_of(entries, "others");
    auto text = fmt::format(
        "{}: {}, {}, {}",
        counted_in_groups(mailboxes + custom + groups, "recipient", "recipients"),
        counted_in_groups(mailboxes, "mailbox", "mailboxes"),
        counted_in_groups(custom, "custom recipient", "custom recipients"),
        counted_in_groups(groups, "group", "groups")
    );
    if (others > 0) text += fmt::format("; {} without an address", grouped(others));
    return text;
}

// "3 shared, 2 rooms"; empty for ordinary ones.
std::string uses_text(json::object const& uses) {
    constexpr std::array<std::pair<char const*, char const*>, 5> words{{
        {"shared", "shared"},
        {"room", "for rooms"},
        {"equipment", "for equipment"},
        {"linked", "linked"},
        {"remote", "in the cloud"},
    }};
    std::vector<std::string> parts;
    for (auto const& [name, word] : words) {
        auto const number = number_of(uses, name);
        if (number > 0) parts.push_back(grouped(number) + " " + word);
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string skipped_text(json::object const& skipped) {
    std::vector<std::string> parts;
    for (auto const& [type, number] : skipped) {
        parts.push_back(
            grouped(number_of(skipped, std::string(type).c_str())) + " " + std::string(type)
        );
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

// What else there is: nothing in most directories.
std::string kinds_lines(json::object const& directory) {
    std::string text;
    auto const* uses = member(directory, "uses");
    auto const used = uses != nullptr ? uses_text(*uses) : std::string();
    if (!used.empty()) text += line("", "mailboxes " + used);
    auto const* skipped = member(directory, "skipped");
    if (skipped != nullptr && !skipped->empty()) {
        text += line("skips", "addresses of other systems: " + skipped_text(*skipped));
    }
    return text;
}

// "TLS 1.3" for the library's "TLSv1.3".
std::string readable_protection(std::string text) {
    auto const v = text.find("TLSv");
    if (v != std::string::npos) text.replace(v, 4, "TLS ");
    return text;
}

std::string connection_text(
    json::object const& directory, std::string const& server, std::int64_t now
) {
    if (!control::flag_of(directory, "connected")) return server + ", not connected";
    auto text = server + ", connected";
    if (directory.contains("connected_since")) {
        auto const since = static_cast<std::int64_t>(number_of(directory, "connected_since"));
        text += fmt::format(" for {}", mail::to_short_words(std::chrono::seconds(now - since)));
    }
    auto const protection = text_of(directory, "protection");
    bool const is_local = server.starts_with("ldapi:");
    if (!protection.empty())
        text += fmt::format(", {}", readable_protection(protection));
    else if (!is_local)
        text += ", in clear";
    return text + (control::flag_of(directory, "refreshing") ? ", reading" : "");
}

std::string server_lines(
    json::object const& directory, std::int64_t now, ServerTests const& tests
) {
    auto const used = text_of(directory, "server");
    std::string text;
    if (!used.empty()) text += line("server", connection_text(directory, used, now));
    bool const known = !used.empty();
    for (auto const& server : texts_of(directory, "servers")) {
        if (server == used) continue;
        auto const tested = tests.find(server);
        auto const outcome = tested == tests.end()    ? std::string()
                             : tested->second.empty() ? ", tested now: ok"
                                                      : ", tested now: " + tested->second;
        text += line(known ? "standby" : "server", server + outcome);
    }
    if (auto const dn = text_of(directory, "bind_dn"); !dn.empty()) text += line("bind", dn);
    return text;
}

}  // namespace

std::string_view following_text(std::string_view method) {
    if (method == "syncrepl") return "content synchronisation (RFC 4533), each change at once";
    if (method == "dirsync") return "DirSync of Active Directory, each change within seconds";
    if (method == "poll") return "polling, page by page";
    return "nothing: asked for each recipient";
}

std::string held_text(json::object const& held) {
    auto const lost = number_of(held, "lost");
    auto const domains = texts_of(held, "domains");
    auto text = fmt::format(
        "{} of {}", grouped(lost), counted_in_groups(number_of(held, "entries"), "entry", "entries")
    );
    constexpr std::size_t told = 5;
    if (!domains.empty()) {
        auto const some = std::min(domains.size(), told);
        auto const begin = domains.begin();
        text += fmt::format(
            ", with all recipients of {}",
            fmt::join(begin, begin + static_cast<std::ptrdiff_t>(some), ", ")
        );
        if (domains.size() > some) text += fmt::format(" and {} more", domains.size() - some);
    }
    return text;
}

namespace {

std::string examples_text(json::object const& held) {
    std::string text;
    auto const examples = texts_of(held, "examples");
    for (auto const& example : examples) {
        text += std::string(label_width, ' ') + "  " + example + "\n";
    }
    auto const lost = number_of(held, "lost");
    if (lost > examples.size() && !examples.empty()) {
        text +=
            fmt::format("{:{}}  and {} more\n", "", label_width, grouped(lost - examples.size()));
    }
    return text;
}

}  // namespace

std::string directory_text(
    json::object const& directory, std::int64_t now, ServerTests const& tests
) {
    auto const name = text_of(directory, "name");
    auto text = line(name + " ", state_text(directory, now));
    if (auto const file = text_of(directory, "file"); !file.empty()) text += line("file", file);
    text += server_lines(directory, now, tests);
    if (auto const base = text_of(directory, "base"); !base.empty()) {
        text += line("base", base + ", profile " + text_of(directory, "profile"));
        text += line("follows", std::string(following_text(text_of(directory, "method"))));
    }
    if (auto const* entries = member(directory, "entries")) {
        text += line("holds", entries_text(*entries));
        text += kinds_lines(directory);
    }
    if (directory.contains("last_change")) {
        text += line("change", "the last " + ago(directory, "last_change", now));
    }
    if (directory.contains("snapshot")) {
        text += line("snapshot", ago(directory, "snapshot", now));
    }
    auto const* held = member(directory, "held");
    if (held != nullptr) {
        text += line(
            "HELD",
            fmt::format(
                "{} missing, first seen {}; still served:",
                held_text(*held),
                ago(*held, "since", now)
            )
        );
        text += examples_text(*held);
        text += line("", "splitmx directory sync    looks again");
        text += line("", "splitmx directory accept  lets them go");
    }
    for (auto const& problem : texts_of(directory, "problems")) {
        // The same in other words.
        if (held == nullptr || !problem.starts_with("removals are held")) {
            text += line("problem", problem);
        }
    }
    return text;
}

std::string outcome_text(json::object const& outcome) {
    auto const name = text_of(outcome, "name");
    auto const what = text_of(outcome, "outcome");
    auto const told = [&](std::string const& text) { return lint::wrapped(name + ": ", text, 4); };
    auto const* held = member(outcome, "held");
    auto const counts = fmt::format(
        "{} changed, {} removed",
        counted_in_groups(number_of(outcome, "changed"), "entry", "entries"),
        grouped(number_of(outcome, "removed"))
    );
    if (what == "read") {
        return told(fmt::format(
            "read in {} ms, {}; {}",
            number_of(outcome, "took_ms"),
            counts,
            counted_in_groups(number_of(outcome, "recipients"), "recipient", "recipients")
        ));
    }
    if (what == "held" && held != nullptr) {
        return told(fmt::format(
            "read in {} ms, {}; {} are missing and held: \"splitmx directory status\" shows them",
            number_of(outcome, "took_ms"),
            counts,
            held_text(*held)
        ));
    }
    if (what == "accepted") {
        return told((held != nullptr ? held_text(*held) : "what was held") + " are removed");
    }
    if (what == "nothing_held") return told("nothing is held");
    if (what == "others_held") return told("other removals are held by now: look again");
    if (what == "refresh_under_way") {
        return told("is being read just now; try again in a moment");
    }
    if (what == "file") return told("is a file: \"splitmx reload\" reads it again");
    if (what == "no_copy") return told("has no copy: the server is asked for each recipient");
    if (what == "replaced") return told("the configuration has changed meanwhile");
    auto const problem = text_of(outcome, "problem");
    auto const late = what == "late";
    return told(fmt::format(
        "{}{}{}",
        late ? "not read yet, and goes on trying" : "cannot be read",
        problem.empty() ? "" : ": ",
        problem
    ));
}

}  // namespace splitmx::admin
