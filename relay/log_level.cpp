#include "relay/log_level.hpp"

#include <fmt/format.h>

#include <array>

namespace splitmx::relay {

namespace {

// In the order of observe::Level.
constexpr std::array<std::string_view, 4> words{"debug", "info", "warning", "error"};

std::string_view as_told(std::optional<observe::Level> level) {
    return level ? name_of(*level) : "as of all lines";
}

}  // namespace

std::optional<observe::Level> level_named(std::string_view word) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words.at(i) == word) return static_cast<observe::Level>(i);
    }
    return std::nullopt;
}

std::string_view name_of(observe::Level level) {
    return words.at(static_cast<std::size_t>(level));
}

std::vector<std::string> const& log_words() {
    static std::vector<std::string> const all{
        "ambiguous", "block", "clock",    "close",  "config", "connect",  "control", "damaged",
        "decide",    "defer", "directory", "drop",  "fail",   "history",  "host",    "http",
        "listen",    "log",   "login",    "move",   "receive", "refuse", "reject",  "relay",
        "reload",    "remove", "report",  "sandbox", "send",  "spool",    "start",   "stop",
        "tls",       "unlisten", "wait"};
    return all;
}

std::optional<observe::Level> LogLevel::level_of(std::string const& word) const {
    auto const levels = log_.levels_of_words();
    auto const found = levels.find(word);
    return found == levels.end() ? std::nullopt : std::optional(found->second);
}

LogLevel::MaybeLevel LogLevel::now(std::string const& word) const {
    return word.empty() ? log_.level() : level_of(word);
}

void LogLevel::apply(std::string const& word, MaybeLevel level) {
    if (word.empty())
        log_.set_level(level.value_or(observe::Level::info));
    else
        log_.set_level(word, level);
}

void LogLevel::set(
    std::string const& word, MaybeLevel level, std::optional<std::chrono::seconds> lasting
) {
    auto const passing = passing_.find(word);
    auto const before = passing == passing_.end() ? now(word) : passing->second.before;
    passing_.erase(word);  // its timer, too
    apply(word, level);
    if (!lasting) return;
    auto& change =
        passing_.emplace(word, Passing{boost::asio::steady_timer(main_, *lasting), before})
            .first->second;
    change.end.async_wait([this, word, level](boost::system::error_code error) {
        auto const found = passing_.find(word);
        if (error || found == passing_.end()) return;
        auto const back_to = found->second.before;
        passing_.erase(found);
        // A reload in between has had the last word.
        if (now(word) != level) return;
        apply(word, back_to);
        auto const what = word.empty() ? std::string("the level") : "the level of " + word;
        log_.info("log", fmt::format("{} is {} again", what, as_told(back_to)));
    });
}

}  // namespace splitmx::relay
