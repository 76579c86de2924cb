// How much is logged, as an administrator changes it at run time: for good, or for a while; of all
// lines, or of those with one word in their third column. A reload and a restart go back to what the
// configuration says.
// Threads: the main loop's. Ownership: refers to the log, which outlives it.
#pragma once

#include "observe/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::relay {

// The words of `log.level`.
std::optional<observe::Level> level_named(std::string_view word);
std::string_view name_of(observe::Level level);

// Those that stand in the third column of a line: of events, and of notes.
std::vector<std::string> const& log_words();

class LogLevel {
public:
    LogLevel(boost::asio::io_context& main, observe::Log& log) : main_(main), log_(log) {}

    observe::Level level() const { return log_.level(); }
    // Of the lines with this word; none: as all lines.
    std::optional<observe::Level> level_of(std::string const& word) const;
    // `word`: empty for all lines, whose level must be there. `lasting` from now, then as it is now;
    // none: until it is changed again.
    void set(
        std::string const& word,
        std::optional<observe::Level> level,
        std::optional<std::chrono::seconds> lasting
    );

private:
    using MaybeLevel = std::optional<observe::Level>;
    struct Passing {  // a change that lasts only for a while
        boost::asio::steady_timer end;
        MaybeLevel before;
    };

    MaybeLevel now(std::string const& word) const;
    void apply(std::string const& word, MaybeLevel level);

    boost::asio::io_context& main_;
    observe::Log& log_;
    std::map<std::string, Passing> passing_;  // by word
};

}  // namespace splitmx::relay
