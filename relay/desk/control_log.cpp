// The log through the control socket.
#include "config/suggestion.hpp"
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::relay::desk {

namespace json = control::json;

namespace {

constexpr std::string_view as_others = "default";  // of one word

std::string unknown_word(std::string const& word) {
    auto const hint = config::did_you_mean(config::nearest(word, log_words()));
    return fmt::format(
        "no line of the log has \"{}\" in its third column{}{}",
        mail::to_log_text(word),
        hint.empty() ? "" : "; ",
        hint
    );
}

bool is_log_word(std::string const& word) {
    auto const& words = log_words();
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

json::object ControlDesk::levels_now(std::string const& word) const {
    json::object answer;
    json::object words;
    for (auto const& [name, level] : grounds_.parts.log.levels_of_words()) {
        words[name] = name_of(level);
    }
    auto const of_word = word.empty() ? std::nullopt : log_level_.level_of(word);
    answer["level"] = name_of(of_word.value_or(log_level_.level()));
    answer["components"] = std::move(words);
    return answer;
}

// Without a level it only tells.
ControlDesk::Reply ControlDesk::log_level(
    ControlSession& session, control::json::object const& arguments
) {
    auto const wanted = control::text_of(arguments, "level");
    auto const word = control::text_of(arguments, "component");
    if (!word.empty() && !is_log_word(word))
        co_return co_await session.fail(exit_usage, unknown_word(word));
    auto const of_word = word.empty() ? std::nullopt : log_level_.level_of(word);
    std::string const before(name_of(of_word.value_or(log_level_.level())));
    if (!wanted.empty()) {
        bool const follows = wanted == as_others && !word.empty();
        auto const level = follows ? std::nullopt : level_named(wanted);
        if (!level && !follows) {
            auto text = fmt::format(
                "there is no level `{}`: debug, info, warning or error", mail::to_log_text(wanted)
            );
            co_return co_await session.fail(exit_usage, std::move(text));
        }
        std::chrono::seconds const lasting(control::number_of(arguments, "for_s"));
        bool const for_good = lasting == std::chrono::seconds(0);
        log_level_.set(word, level, for_good ? std::nullopt : std::optional(lasting));
        auto what = word.empty() ? wanted : fmt::format("{} {}", wanted, word);
        if (!for_good) what += fmt::format(" for {} s", lasting.count());
        audit(session.peer(), "log level", std::move(what), fmt::format("was {}", before));
    }
    auto answer = levels_now(word);
    answer["before"] = before;
    co_return co_await session.done(std::move(answer));
}

}  // namespace splitmx::relay::desk
