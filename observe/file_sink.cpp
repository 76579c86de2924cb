#include "observe/file_sink.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace splitmx::observe {

mail::Result<std::shared_ptr<spdlog::sinks::sink>> open_sink(
    std::optional<std::filesystem::path> const& file
) {
    try {
        std::shared_ptr<spdlog::sinks::sink> sink;
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

}  // namespace splitmx::observe
