// The log of a running relay. Lines are queued and written by a thread of the log (line_queue.hpp),
// so a slow disk or a full pipe does not hold up an event loop; when the queue is full the oldest
// lines are dropped and their number is logged. A file is flushed at once on warnings and errors,
// else every second; standard error within milliseconds. All queued lines are written before the
// destructor ends.
// Threads: all members may be called from any thread. Errors: opening a file can fail; writing to
// an opened log never reports a failure to its caller.
#pragma once

#include "mail/result.hpp"
#include "observe/event.hpp"
#include "observe/level.hpp"
#include "observe/postfix_line.hpp"
#include "observe/witness.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::observe {

enum class Format { human, json, postfix };

// How lines look, and who they say they are from.
struct Style {
    Format format = Format::human;
    Origin origin{};  // in Postfix's dialect
};

struct LogSettings {
    Level level = Level::info;
    std::optional<std::filesystem::path> file;  // none: standard error
    std::size_t queue_lines = 8192;
    Style style{};
    bool stays_there = false;  // in `file`, whatever open_file() is told later
};

class Log {
public:
    static mail::Result<std::unique_ptr<Log>> open(LogSettings settings);
    ~Log();
    Log(Log const&) = delete;
    Log& operator=(Log const&) = delete;

    // Tells every event to somebody else too, at any level. Requires: no other thread writes yet.
    void add(Witness& witness) { witnesses_.push_back(&witness); }

    void write(Event const& event);
    void debug(std::string_view component, std::string_view text);
    void info(std::string_view component, std::string_view text);
    void warn(std::string_view component, std::string_view text);
    void error(std::string_view component, std::string_view text);

    bool is_on(Level level) const;
    Level level() const;
    void set_level(Level level);
    // Of the lines with this word in their third column ("decide", "spool") alone; none: as all
    // others again.
    void set_level(std::string const& word, std::optional<Level> level);
    std::map<std::string, Level, std::less<>> levels_of_words() const;
    void set_style(Style style);  // of the lines from now on

    // Goes on in this file, or in standard error for none. The file it has is opened anew under its
    // name, after a tool has renamed it. On failure the log goes on with what it has.
    mail::Result<void> open_file(std::optional<std::filesystem::path> const& file);
    mail::Result<void> reopen();  // whatever it writes to, after a rotation

private:
    class Writer;
    explicit Log(std::unique_ptr<Writer> writer);

    void write(Level level, std::string_view component, std::string_view text);
    bool is_wanted(Level level, std::string_view word) const;

    std::unique_ptr<Writer> writer_;
    std::vector<Witness*> witnesses_;
};

}  // namespace splitmx::observe
