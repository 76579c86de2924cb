#include "observe/log.hpp"

#include "observe/file_sink.hpp"
#include "observe/json_line.hpp"
#include "observe/line.hpp"
#include "observe/line_queue.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/dist_sink.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <utility>

namespace splitmx::observe {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

Level from_spdlog(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return Level::error;
    if (level >= spdlog::level::warn) return Level::warn;
    return level >= spdlog::level::info ? Level::info : Level::debug;
}

bool is_alike(Style const& a, Style const& b) {
    return a.format == b.format && a.origin.program == b.origin.program &&
           a.origin.host == b.origin.host && a.origin.pid == b.origin.pid;
}

}  // namespace

class Log::Writer {
public:
    Writer(LogSettings settings, spdlog::sink_ptr sink)
        : level_(to_spdlog(settings.level)),
          stays_there_(settings.stays_there),
          file_(std::move(settings.file)),
          outlet_(std::make_shared<spdlog::sinks::dist_sink_mt>()),
          queue_(outlet_, settings.queue_lines, [this](std::size_t dropped) {
              auto const text = fmt::format("{} lines were dropped: the log is too slow", dropped);
              return format(Level::warn, "log", text);
          }) {
        outlet_->set_sinks({std::move(sink)});
        set_style(std::move(settings.style));
    }

    bool is_on(Level level) const { return to_spdlog(level) >= level_; }
    Level level() const { return from_spdlog(level_); }
    void set_level(Level level) { level_ = to_spdlog(level); }

    using Levels = std::map<std::string, Level, std::less<>>;

    // Null: no word has a level of its own.
    Levels const* levels() const { return levels_.load(std::memory_order_acquire); }
    // Another thread may still read the ones before: they are kept, as styles are.
    void set_level(std::string const& word, std::optional<Level> level) {
        std::lock_guard const lock(mutex_);
        Levels changed = kept_levels_.empty() ? Levels() : kept_levels_.back();
        changed.erase(word);
        if (level) changed.emplace(word, *level);
        kept_levels_.push_back(std::move(changed));
        auto const* const now = &kept_levels_.back();
        levels_.store(now->empty() ? nullptr : now, std::memory_order_release);
    }

    std::string format(Event const& event) const {
        auto const now = std::chrono::system_clock::now();
        auto const& style = *style_.load(std::memory_order_acquire);
        switch (style.format) {
            case Format::json:
                return to_json_line(event, now);
            case Format::postfix:
                return to_postfix_lines(event, style.origin, now);
            case Format::human:
                break;
        }
        return to_line(event, now);
    }

    std::string format(Level level, std::string_view component, std::string_view text) const {
        auto const now = std::chrono::system_clock::now();
        auto const& style = *style_.load(std::memory_order_acquire);
        switch (style.format) {
            case Format::json:
                return to_json_line(level, component, text, now);
            case Format::postfix:
                return to_postfix_line(level, component, text, style.origin, now);
            case Format::human:
                break;
        }
        return to_line(level, component, text, now);
    }

    // Another thread may still read the one before: they are kept, one for each change.
    void set_style(Style style) {
        std::lock_guard const lock(mutex_);
        if (!styles_.empty() && is_alike(styles_.back(), style)) return;
        styles_.push_back(std::move(style));
        style_.store(&styles_.back(), std::memory_order_release);
    }

    void write(Level level, std::string_view line) {
        if (!line.empty()) queue_.push(to_spdlog(level), line);
    }

    mail::Result<void> open_file(std::optional<std::filesystem::path> const& file) {
        if (stays_there_) return {};
        auto sink = open_sink(file);
        if (!sink) return sink.error();
        std::lock_guard const lock(mutex_);
        outlet_->set_sinks({*sink});
        file_ = file;
        return {};
    }

    mail::Result<void> reopen() {
        std::optional<std::filesystem::path> file;
        {
            std::lock_guard const lock(mutex_);
            file = file_;
        }
        return open_file(file);
    }

private:
    std::atomic<spdlog::level::level_enum> level_;
    bool const stays_there_;
    std::mutex mutex_;
    std::optional<std::filesystem::path> file_;
    std::deque<Style> styles_;
    std::atomic<Style const*> style_ = nullptr;
    std::deque<Levels> kept_levels_;
    std::atomic<Levels const*> levels_ = nullptr;
    std::shared_ptr<spdlog::sinks::dist_sink_mt> outlet_;
    LineQueue queue_;
};

mail::Result<std::unique_ptr<Log>> Log::open(LogSettings settings) {
    auto sink = open_sink(settings.file);
    if (!sink) return sink.error();
    auto writer = std::make_unique<Writer>(std::move(settings), std::move(*sink));
    return std::unique_ptr<Log>(new Log(std::move(writer)));
}

Log::Log(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

Log::~Log() = default;

void Log::write(Event const& event) {
    for (auto* const witness : witnesses_) witness->see(event);
    auto const level = level_of(event);
    // An audit has no gaps: whoever wants less log still has it.
    bool const is_wanted_at_all =
        writer_->levels() == nullptr ? is_on(level) : is_wanted(level, content_of(event).word);
    if (!is_wanted_at_all && !std::holds_alternative<AdminAction>(event)) return;
    bool const is_audit = std::holds_alternative<AdminAction>(event);
    writer_->write(is_audit ? Level::error : level, writer_->format(event));
}

void Log::write(Level level, std::string_view component, std::string_view text) {
    if (!is_wanted(level, component)) return;
    writer_->write(level, writer_->format(level, component, text));
}

void Log::debug(std::string_view component, std::string_view text) {
    write(Level::debug, component, text);
}

void Log::info(std::string_view component, std::string_view text) {
    write(Level::info, component, text);
}

void Log::warn(std::string_view component, std::string_view text) {
    write(Level::warn, component, text);
}

void Log::error(std::string_view component, std::string_view text) {
    write(Level::error, component, text);
}

bool Log::is_on(Level level) const { return writer_->is_on(level); }

Level Log::level() const { return writer_->level(); }

void Log::set_level(Level level) { writer_->set_level(level); }

void Log::set_level(std::string const& word, std::optional<Level> level) {
    writer_->set_level(word, level);
}

std::map<std::string, Level, std::less<>> Log::levels_of_words() const {
    auto const* const levels = writer_->levels();
    return levels == nullptr ? std::map<std::string, Level, std::less<>>() : *levels;
}

bool Log::is_wanted(Level level, std::string_view word) const {
    auto const* const levels = writer_->levels();
    if (levels == nullptr) return is_on(level);
    auto const found = levels->find(word);
    return found == levels->end() ? is_on(level) : level >= found->second;
}

void Log::set_style(Style style) { writer_->set_style(std::move(style)); }

mail::Result<void> Log::reopen() { return writer_->reopen(); }

mail::Result<void> Log::open_file(std::optional<std::filesystem::path> const& file) {
    return writer_->open_file(file);
}

}  // namespace splitmx::observe
