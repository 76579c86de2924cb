#include "relay/log_level.hpp"

#include <fmt/format.h>

#include <array>

namespace splitmx::relay {

namespace {

// In the order of observe::Level.
constexpr std::array<std::string_view, 4> words{"debug", "info", "warning", "error"};

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

void LogLevel::set(observe::Level level, std::optional<std::chrono::seconds> lasting) {
    auto const before = before_.value_or(log_.level());
    before_.reset();
    fall_back_.cancel();
    log_.set_level(level);
    if (!lasting) return;
    before_ = before;
    fall_back_.expires_after(*lasting);
    fall_back_.async_wait([this, level, before](boost::system::error_code error) {
        if (error || !before_) return;
        before_.reset();
        // A reload in between has had the last word.
        if (log_.level() != level) return;
        log_.set_level(before);
        log_.info("log", fmt::format("the level is {} again", name_of(before)));
    });
}

}  // namespace splitmx::relay
