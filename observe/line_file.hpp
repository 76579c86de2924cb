// A file of lines that others write elsewhere and this writes in time: never waited for. Like a log's
// file: flushed every second, the oldest lines are dropped where the disk does not keep up.
// Threads: any. Errors: opening it; writing reports none.
#pragma once

#include "mail/result.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace splitmx::observe {

class LineFile {
public:
    // `told_dropped` makes the line that tells of so many dropped ones.
    static mail::Result<std::unique_ptr<LineFile>> open(
        std::filesystem::path file, std::function<std::string(std::size_t)> told_dropped
    );
    ~LineFile();
    LineFile(LineFile const&) = delete;
    LineFile& operator=(LineFile const&) = delete;

    void write(std::string_view line);  // without its end
    mail::Result<void> reopen();        // under its name, after a tool has renamed it

private:
    class Writer;
    explicit LineFile(std::unique_ptr<Writer> writer);
    std::unique_ptr<Writer> writer_;
};

}  // namespace splitmx::observe
