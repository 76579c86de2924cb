#include "observe/log.hpp"

#include "observe/line_queue.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
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

mail::Result<spdlog::sink_ptr> open_sink(std::optional<std::filesystem::path> const& file) {
    try {
        spdlog::sink_ptr sink;
        if (file)
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file->string());
        else
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        sink->set_pattern("%v");  // the lines are complete
        return sink;
    } catch (spdlog::spdlog_ex const& failure) {
        return mail::Error{failure.what(), 0};
    }
}

}  // namespace

class Log::Writer {
public:
    Writer(LogSettings settings, spdlog::sink_ptr sink)
        : level_(to_spdlog(settings.level)),
          outlet_(std::make_shared<spdlog::sinks::dist_sink_mt>()),
          queue_(outlet_, settings.queue_lines, [](std::size_t dropped) {
              auto const text = fmt::format("{} lines were dropped: the log is too slow", dropped);
              return to_line(Level::warn, "log", text, std::chrono::system_clock::now());
          }) {
        outlet_->set_sinks({std::move(sink)});
    }

    bool is_on(Level level) const { return to_spdlog(level) >= level_; }
    void set_level(Level level) { level_ = to_spdlog(level); }
    void write(Level level, std::string line) { queue_.push(to_spdlog(level), std::move(line)); }

    mail::Result<void> open_file(std::optional<std::filesystem::path> const& file) {
        auto sink = open_sink(file);
        if (!sink) return sink.error();
        outlet_->set_sinks({*sink});
        return {};
    }

private:
    std::atomic<spdlog::level::level_enum> level_;
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
    auto const level = level_of(event);
    // An audit has no gaps: whoever wants less log still has it.
    if (!is_on(level) && !std::holds_alternative<AdminAction>(event)) return;
    auto line = to_line(event, std::chrono::system_clock::now());
    bool const is_audit = std::holds_alternative<AdminAction>(event);
    writer_->write(is_audit ? Level::error : level, std::move(line));
}

void Log::write(Level level, std::string_view component, std::string_view text) {
    if (!is_on(level)) return;
    writer_->write(level, to_line(level, component, text, std::chrono::system_clock::now()));
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

void Log::set_level(Level level) { writer_->set_level(level); }

mail::Result<void> Log::open_file(std::optional<std::filesystem::path> const& file) {
    return writer_->open_file(file);
}

}  // namespace splitmx::observe
