#include "admin/import_command.hpp"

#include "admin/import_plan.hpp"
#include "admin/import_report.hpp"
#include "admin/progress.hpp"
#include "admin/route_section.hpp"
#include "admin/terminal.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

using migration::Format;

std::string_view name_of(Format format) {
    switch (format) {
        case Format::exchange55:
            return "exchange55";
        case Format::exchange:
            return "exchange";
        case Format::postfix:
            return "postfix";
        case Format::ldif:
            break;
    }
    return "ldif";
}

// Where standard output goes, for the next command; FILE where nobody knows.
std::string name_of_output(Streams const& streams) {
    constexpr char const* unknown = "FILE";
    if (streams.output.rdbuf() != std::cout.rdbuf()) return unknown;
    std::error_code failure;
    auto const path = std::filesystem::read_symlink("/proc/self/fd/1", failure);
    if (failure || !std::filesystem::is_regular_file(path, failure)) return unknown;
    auto name = path.parent_path() == std::filesystem::current_path(failure)
                    ? path.filename().string()
                    : path.string();
    if (name.find_first_of(" \t'\"\\$&;()") == std::string::npos) return name;
    for (std::size_t at = 0; (at = name.find('\'', at)) != std::string::npos; at += 4) {
        name.replace(at, 1, "'\\''");
    }
    return "'" + name + "'";
}

// One run of the command.
class ImportRun {
public:
    ImportRun(Format format, ImportOptions const& options, Context const& context)
        : format_(format), options_(options), context_(context) {}

    ExitCode run();

private:
    ExitCode usage(std::string const& what);
    ExitCode unreadable(std::string const& why);
    ExitCode read(std::istream& file, std::size_t size);
    ExitCode stop(migration::Halt const& halt, Progress& progress);
    ExitCode report(migration::Import const& import);
    void advise(migration::Report const& report);
    std::string prefix() const { return fmt::format("splitmx import {}: ", name_of(format_)); }

    Format format_;
    ImportOptions const& options_;
    Context const& context_;
    ImportPlan plan_;
};

ExitCode ImportRun::usage(std::string const& what) {
    context_.streams.error << prefix() << what << "\n";
    return ExitCode::usage;
}

ExitCode ImportRun::unreadable(std::string const& why) {
    context_.streams.error << prefix() << options_.file << ": " << why << "\n";
    return ExitCode::io;
}

ExitCode ImportRun::stop(migration::Halt const& halt, Progress& progress) {
    progress.clear();
    auto& error = context_.streams.error;
    if (auto const* missing = std::get_if<migration::MissingColumns>(&halt)) {
        error << prefix() << options_.file << ": " << to_text(*missing) << "\n";
    } else {
        auto const& unusable = std::get<migration::Unusable>(halt);
        error << fmt::format("{}:{}: {}\n", options_.file, unusable.line, unusable.reason);
        if (unusable.line > 1) error << "stopped there: what was written is not all of it\n";
    }
    return ExitCode::bad_data;
}

ExitCode ImportRun::read(std::istream& file, std::size_t size) {
    auto const& streams = context_.streams;
    Progress progress(streams, "rows", size, context_.global.quiet || options_.json);
    migration::Sink const sink{
        [&](std::string_view ldif) {
            if (plan_.people) streams.output << ldif;
        },
        [&](std::size_t line, std::string const& reason) {
            progress.clear();
            streams.error << (options_.json ? rejection_json(line, reason)
                                            : fmt::format("{}:{}: {}", options_.file, line, reason))
                          << "\n";
        }};
    auto begun = migration::Import::begin(plan_.settings, sink);
    if (!begun) return usage(begun.error().what);
    auto& import = **begun;
    std::vector<char> piece(std::size_t{64} << 10U);
    std::size_t rows = 0;
    while (file && streams.output) {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        auto const got = static_cast<std::size_t>(file.gcount());
        if (got == 0) break;
        if (auto const halt = import.feed({piece.data(), got})) return stop(*halt, progress);
        auto const seen = import.report().rows;
        progress.add(seen - std::exchange(rows, seen), got);
    }
    if (file.bad()) return unreadable("it broke off while it was read");
    if (auto const halt = import.finish()) return stop(*halt, progress);
    progress.add(import.report().rows - rows, 0);
    return report(import);
}

void ImportRun::advise(migration::Report const& report) {
    auto& error = context_.streams.error;
    auto const people = report.mailboxes + report.custom_recipients;
    if (plan_.people && report.routes > 0) {
        error << "routes are for the configuration: --write toml prints them\n";
    }
    if (!plan_.people && people > 0) {
        error << "people are for the directory: --write ldif --base DN prints them\n";
    }
    if (plan_.people && people > 0) {
        auto const name = name_of_output(context_.streams);
        error << fmt::format(
            "next: splitmx directory lint --with-ldif {0} ; ldapadd -f {0}\n", name
        );
    } else if (!plan_.people && report.routes > 0) {
        error << "next: put it into the configuration ; splitmx config check\n";
    }
}

ExitCode ImportRun::report(migration::Import const& import) {
    auto const& streams = context_.streams;
    auto const& report = import.report();
    if (!plan_.people) streams.output << to_toml(import.routes());
    streams.output.flush();
    if (!streams.output) {
        streams.error << prefix() << "standard output cannot be written\n";
        return ExitCode::io;
    }
    if (options_.json) {
        streams.error << to_json(report) << "\n";
    } else if (report.rows == 0) {
        streams.error << prefix() << options_.file << ": there is nothing in it\n";
    } else if (!context_.global.quiet) {
        streams.error << to_text(report);
        advise(report);
    }
    return report.rejected > 0 || report.rows == 0 ? ExitCode::bad_data : ExitCode::ok;
}

ExitCode ImportRun::run() {
    auto plan = plan_import(format_, options_);
    if (auto const* wrong = std::get_if<std::string>(&plan)) return usage(*wrong);
    plan_ = std::get<ImportPlan>(std::move(plan));
    if (options_.file == "-") return read(context_.streams.input, 0);
    std::error_code failure;
    if (std::filesystem::is_directory(options_.file, failure)) return unreadable("is a directory");
    errno = 0;
    std::ifstream file(options_.file, std::ios::binary);
    if (!file) return unreadable(std::strerror(errno != 0 ? errno : EIO));
    auto const size = std::filesystem::file_size(options_.file, failure);
    return read(file, failure ? 0 : static_cast<std::size_t>(size));
}

}  // namespace

ExitCode import_file(Format format, ImportOptions const& options, Context const& context) {
    return ImportRun(format, options, context).run();
}

}  // namespace splitmx::admin
