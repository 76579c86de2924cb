#include "observe/log.hpp"

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/periodic_worker.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>

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
        : outlet_(std::make_shared<spdlog::sinks::dist_sink_mt>()),
          pool_(std::make_shared<spdlog::details::thread_pool>(settings.queue_lines, 1)) {
        outlet_->set_sinks({std::move(sink)});
        logger_ = std::make_shared<spdlog::async_logger>(
            "splitmx", outlet_, pool_, spdlog::async_overflow_policy::overrun_oldest
        );
        logger_->set_level(to_spdlog(settings.level));
        logger_->flush_on(spdlog::level::warn);
        every_second_ = std::make_unique<spdlog::details::periodic_worker>(
            [this] {
                tell_dropped();
                logger_->flush();
            },
            std::chrono::seconds(1)
        );
    }

    ~Writer() {
        every_second_.reset();
        tell_dropped();
        // The pool's end waits for its thread, which first writes what is queued.
        pool_.reset();
    }

    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

    bool is_on(Level level) const { return logger_->should_log(to_spdlog(level)); }
    void set_level(Level level) { logger_->set_level(to_spdlog(level)); }
    void write(Level level, std::string const& line) {
        logger_->log(to_spdlog(level), spdlog::string_view_t(line));
    }

    mail::Result<void> open_file(std::optional<std::filesystem::path> const& file) {
        auto sink = open_sink(file);
        if (!sink) return sink.error();
        outlet_->set_sinks({*sink});
        return {};
    }

private:
    void tell_dropped() {
        auto const dropped = pool_->overrun_counter();
        if (dropped == told_) return;
        auto const text =
            fmt::format("{} lines were dropped: the log is too slow", dropped - told_);
        told_ = dropped;
        write(Level::warn, to_line(Level::warn, "log", text, std::chrono::system_clock::now()));
    }

    std::shared_ptr<spdlog::sinks::dist_sink_mt> outlet_;
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::size_t told_ = 0;  // dropped lines; by the thread of every_second_, and after its end
    std::unique_ptr<spdlog::details::periodic_worker> every_second_;
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
    auto const line = to_line(event, std::chrono::system_clock::now());
    if (std::holds_alternative<AdminAction>(event))
        writer_->write(Level::error, line);
    else
        writer_->write(level, line);
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
