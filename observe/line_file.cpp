#include "observe/line_file.hpp"

#include "observe/file_sink.hpp"
#include "observe/line_queue.hpp"

#include <spdlog/sinks/dist_sink.h>

#include <utility>

namespace splitmx::observe {

class LineFile::Writer {
public:
    Writer(
        std::filesystem::path file,
        spdlog::sink_ptr sink,
        std::function<std::string(std::size_t)> told_dropped
    )
        : file_(std::move(file)),
          outlet_(std::make_shared<spdlog::sinks::dist_sink_mt>()),
          queue_(outlet_, capacity, std::move(told_dropped)) {
        outlet_->set_sinks({std::move(sink)});
    }

    void write(std::string_view line) { queue_.push(spdlog::level::info, line); }

    mail::Result<void> reopen() {
        auto sink = open_sink(file_);
        if (!sink) return sink.error();
        outlet_->set_sinks({std::move(*sink)});
        return {};
    }

private:
    static constexpr std::size_t capacity = 8192;

    std::filesystem::path file_;
    std::shared_ptr<spdlog::sinks::dist_sink_mt> outlet_;
    LineQueue queue_;
};

mail::Result<std::unique_ptr<LineFile>> LineFile::open(
    std::filesystem::path file, std::function<std::string(std::size_t)> told_dropped
) {
    auto sink = open_sink(file);
    if (!sink) return sink.error();
    auto writer =
        std::make_unique<Writer>(std::move(file), std::move(*sink), std::move(told_dropped));
    return std::unique_ptr<LineFile>(new LineFile(std::move(writer)));
}

LineFile::LineFile(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

LineFile::~LineFile() = default;

void LineFile::write(std::string_view line) { writer_->write(line); }

mail::Result<void> LineFile::reopen() { return writer_->reopen(); }

}  // namespace splitmx::observe
