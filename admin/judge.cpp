#include "admin/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "control/decision_json.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

constexpr std::size_t text_width = 80;
constexpr std::size_t margin = 3;  // whoever prints the lines puts so much before them

mail::EnhancedCode enhanced_code(std::string_view text) {
    std::array<std::uint16_t, 3> parts{};
    for (auto& part : parts) {
        auto const dot = std::min(text.find('.'), text.size());
        std::from_chars(text.data(), text.data() + dot, part);
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return {parts[1], parts[2]};
}

// What the client hears; RCPT is answered alike for all that is accepted.
mail::Status reply_of(json::object const& decision) {
    auto const verdict = control::text_of(decision, "verdict");
    if (verdict == "deliver" || verdict == "bounce") return mail::status_of(mail::Reason::mailbox);
    return {
        static_cast<int>(control::number_of(decision, "code")),
        enhanced_code(control::text_of(decision, "enhanced")),
        control::text_of(decision, "text")};
}

std::vector<json::object> objects_of(json::object const& decision, char const* name) {
    std::vector<json::object> all;
    auto const* value = decision.if_contains(name);
    auto const* array = value != nullptr ? value->if_array() : nullptr;
    if (array == nullptr) return all;
    for (auto const& one : *array) {
        if (auto const* object = one.if_object()) all.push_back(*object);
    }
    return all;
}

std::string step_line(json::object const& step) {
    auto const subject = control::text_of(step, "subject");
    auto const source = control::text_of(step, "source");
    auto rule = fmt::format("[{}", control::text_of(step, "rule"));
    if (!source.empty() && source != subject) rule += ", " + source;
    rule += "]";
    bool const fits = margin + subject.size() + 2 + rule.size() <= text_width;
    return fmt::format("{}{}{}", subject, fits ? "  " : "\n     ", rule);
}

std::vector<std::string> lines_of(json::object const& decision) {
    std::vector<std::string> lines;
    auto const reason = control::text_of(decision, "reason");
    auto const verdict = control::text_of(decision, "verdict");
    for (auto const& route : objects_of(decision, "routes")) {
        lines.push_back(fmt::format(
            "-> {}  RCPT TO:<{}>  {}",
            control::text_of(route, "host"),
            control::text_of(route, "rcpt"),
            control::text_of(route, "kind")
        ));
    }
    for (auto const& failed : objects_of(decision, "failed")) {
        lines.push_back(fmt::format(
            "-> failed  {}  {}  {}",
            control::text_of(failed, "rcpt"),
            control::text_of(failed, "enhanced"),
            control::text_of(failed, "reason")
        ));
    }
    if (verdict == "bounce") {
        lines.push_back(fmt::format(
            "-> returned with a report, {} {}",
            control::text_of(decision, "enhanced"),
            control::text_of(decision, "text")
        ));
    }
    if (lines.empty()) lines.push_back(verdict + ": " + reason);
    for (auto const& step : objects_of(decision, "trace")) lines.push_back(step_line(step));
    return lines;
}

std::string summary_of(std::string const& address, json::object const& decision) {
    auto const shown = mail::to_log_text(address);
    auto const reason = control::text_of(decision, "reason");
    auto const routes = objects_of(decision, "routes");
    if (routes.size() == 1) {
        return fmt::format(
            "{}  ->  {}  RCPT TO:<{}>  {}\n",
            shown,
            control::text_of(routes.front(), "host"),
            control::text_of(routes.front(), "rcpt"),
            reason
        );
    }
    if (!routes.empty())
        return fmt::format("{}  ->  {} copies  {}\n", shown, routes.size(), reason);
    return fmt::format(
        "{}  ->  {}  {} {} {}\n",
        shown,
        control::text_of(decision, "verdict"),
        control::number_of(decision, "code"),
        control::text_of(decision, "enhanced"),
        reason
    );
}

}  // namespace

std::variant<Judge, ExitCode> Judge::open(
    bool offline, Context const& context, std::string_view verb
) {
    Judge judge(context, verb);
    if (offline) {
        auto stand = stand_offline(context, verb);
        if (auto const* code = std::get_if<ExitCode>(&stand)) return *code;
        judge.stand_ = std::move(std::get<Standpoint>(stand));
        return judge;
    }
    auto config = running_config(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&config)) return *code;
    judge.stand_.config =
        std::make_unique<config::Config const>(std::move(std::get<config::Config>(config)));
    judge.daemon_ = std::make_unique<Daemon>(socket_path(context.global));
    return judge;
}

std::variant<std::string, ExitCode> Judge::decision_json(
    control::AskedWith const& with, std::string const& address
) {
    if (daemon_) {
        auto arguments = control::to_json(with);
        arguments["format"] = control::to_text(control::Format::json);
        arguments["addresses"] = json::array{json::string(address)};
        std::string text;
        auto const answer = daemon_->ask("resolve", std::move(arguments), [&](auto const& row) {
            text = control::text_of(row, "text");
        });
        auto const* failure = std::get_if<control::Failure>(&answer);
        if (failure != nullptr) return tell(verb_, *failure, context_.streams);
        return text;
    }
    auto const asker = control::read_asker(with);
    if (!asker) {
        return tell(
            verb_, {static_cast<int>(ExitCode::usage), asker.error().what}, context_.streams
        );
    }
    std::vector<std::string> const one{address};
    auto const decisions = decide_all(stand_.grounds(), *asker, one);
    return control::to_json(address, decisions.front(), stand_.service->overall_health());
}

std::variant<Judged, ExitCode> Judge::ask(
    control::AskedWith const& with, std::string const& address
) {
    auto text = decision_json(with, address);
    if (auto const* code = std::get_if<ExitCode>(&text)) return *code;
    boost::system::error_code broken;
    auto const value = json::parse(std::get<std::string>(text), broken);
    auto const* decision = broken ? nullptr : value.if_object();
    if (decision == nullptr) {
        return tell(
            verb_,
            {static_cast<int>(ExitCode::internal), "the relay's answer is not understood"},
            context_.streams
        );
    }
    Judged judged;
    judged.reply = reply_of(*decision);
    judged.lines = lines_of(*decision);
    judged.summary = summary_of(address, *decision);
    auto const failed = objects_of(*decision, "failed");
    for (auto const& route : objects_of(*decision, "routes")) {
        judged.routes.push_back({control::text_of(route, "rcpt"), control::text_of(route, "host")});
    }
    auto const verdict = control::text_of(*decision, "verdict");
    if (verdict == "defer")
        judged.code = ExitCode::temporary;
    else if (verdict != "deliver" || !failed.empty())
        judged.code = ExitCode::unknown_recipient;
    return judged;
}

}  // namespace splitmx::admin
