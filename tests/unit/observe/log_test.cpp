#include "observe/log.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace splitmx;
using namespace splitmx::observe;

namespace {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "splitmx-log-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    std::filesystem::path operator/(char const* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

std::vector<std::string> lines_of(std::filesystem::path const& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::unique_ptr<Log> open(std::filesystem::path const& file, Level level = Level::info) {
    auto log = Log::open({level, file});
    REQUIRE(log.has_value());
    return std::move(*log);
}

}  // namespace

TEST_CASE("log: lines come out whole, in order, and by level") {
    TemporaryFolder const folder;
    auto log = open(folder / "log");
    log->write(ServerStopping{"one"});
    log->write(SessionEnded{});  // debug
    log->debug("config", "hidden");
    log->warn("config", "two\nforged");
    log->set_level(Level::error);
    CHECK_FALSE(log->is_on(Level::warn));
    log->warn("config", "hidden");
    log->error("config", "three");
    log->set_level(Level::debug);
    log->debug("config", "four");
    log.reset();  // writes what is queued
    auto const lines = lines_of(folder / "log");
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].substr(24) == " info  -          stop      one");
    CHECK(lines[1].substr(24) == " warn  -          config    two\\x0Aforged");
    CHECK(lines[2].substr(24) == " error -          config    three");
    CHECK(lines[3].substr(24) == " debug -          config    four");
}

TEST_CASE("log: one word has a level of its own") {
    TemporaryFolder const folder;
    auto log = open(folder / "log");
    log->set_level("close", Level::debug);
    log->set_level("config", Level::error);
    log->write(SessionEnded{"S1", {}, 0, "QUIT"});
    log->write(ClientConnected{});  // debug, as all
    log->warn("config", "hidden");
    log->warn("spool", "shown");
    CHECK(log->levels_of_words().size() == 2);
    log->set_level("close", std::nullopt);
    log->set_level("config", std::nullopt);
    log->write(SessionEnded{"S2", {}, 0, "QUIT"});
    log->warn("config", "shown again");
    CHECK(log->levels_of_words().empty());
    log.reset();
    auto const lines = lines_of(folder / "log");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("S1") != std::string::npos);
    CHECK(lines[1].find("spool     shown") != std::string::npos);
    CHECK(lines[2].find("shown again") != std::string::npos);
}

TEST_CASE("log: braces in a text are no format") {
    TemporaryFolder const folder;
    auto log = open(folder / "log");
    log->info("config", "{} {0} %s %v");
    log.reset();
    CHECK(lines_of(folder / "log").at(0).ends_with("{} {0} %s %v"));
}

TEST_CASE("log: appends, and is written by many threads at once") {
    TemporaryFolder const folder;
    open(folder / "log")->info("test", "first run");
    auto log = open(folder / "log");
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&log] {
                for (int i = 0; i < 500; ++i) log->info("test", "a line");
            });
        }
    }
    log.reset();
    auto const lines = lines_of(folder / "log");
    REQUIRE(lines.size() == 2001);
    CHECK(lines[0].ends_with("first run"));
    for (auto const& line : lines) CHECK(line.substr(23, 7) == "Z info ");
}

TEST_CASE("log: a renamed file is left alone once the log opens it anew") {
    TemporaryFolder const folder;
    auto log = open(folder / "log");
    log->error("test", "old");
    std::filesystem::rename(folder / "log", folder / "log.1");
    REQUIRE(log->open_file(folder / "log").has_value());
    log->error("test", "new");
    log.reset();
    auto old_lines = lines_of(folder / "log.1");
    auto const new_lines = lines_of(folder / "log");
    // What was still queued at that moment may stand in either file.
    REQUIRE(old_lines.size() + new_lines.size() == 2);
    REQUIRE_FALSE(new_lines.empty());
    CHECK(new_lines.back().ends_with("new"));
}

TEST_CASE("log: a file that cannot be opened") {
    TemporaryFolder const folder;
    auto const failed = Log::open({Level::info, folder / ""});
    REQUIRE_FALSE(failed.has_value());
    CHECK_FALSE(failed.error().what.empty());

    auto log = open(folder / "log");
    std::filesystem::rename(folder / "log", folder / "log.1");
    std::filesystem::create_directory(folder / "log");
    REQUIRE_FALSE(log->open_file(folder / "log").has_value());
    log->error("test", "still here");
    log.reset();
    CHECK(lines_of(folder / "log.1").size() == 1);
}

TEST_CASE("log: opened anew under its name, in another form from then on") {
    TemporaryFolder const folder;
    auto log = open(folder / "log");
    log->warn("test", "before");
    std::filesystem::rename(folder / "log", folder / "log.1");
    REQUIRE(log->reopen().has_value());
    log->set_style({Format::json, {}});
    log->warn("test", "after");
    log->set_style({Format::postfix, {"postfix", "relay1", 4711}});
    log->write(ServerStopping{"SIGTERM"});
    log.reset();
    auto const lines = lines_of(folder / "log");
    REQUIRE(lines.size() >= 2);
    CHECK(lines[lines.size() - 2].find(R"("level":"warn","event":"note")") != std::string::npos);
    CHECK(lines.back().ends_with(" relay1 postfix/stop[4711]: SIGTERM"));
}

TEST_CASE("log: a reader that has stopped holds nobody up") {
    TemporaryFolder const folder;
    auto const path = folder / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    int const reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    REQUIRE(reader >= 0);
    auto opened = Log::open({Level::info, path, 16});
    REQUIRE(opened.has_value());
    auto log = std::move(*opened);
    // Far more than pipe and queue hold; were a writer to wait, this would never end.
    for (int i = 0; i < 20000; ++i) log->warn("test", "a line that nobody reads");

    std::string text;
    std::jthread drain([&] {
        ::fcntl(reader, F_SETFL, 0);
        std::vector<char> piece(65536);
        for (;;) {
            auto const got = ::read(reader, piece.data(), piece.size());
            if (got <= 0) return;
            text.append(piece.data(), static_cast<std::size_t>(got));
        }
    });
    log.reset();
    drain.join();
    ::close(reader);
    CHECK(text.find("lines were dropped: the log is too slow") != std::string::npos);
}

TEST_CASE("log: standard error") {
    TemporaryFolder const folder;
    auto const path = folder / "stderr";
    int const saved = ::dup(2);
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(file >= 0);
    ::dup2(file, 2);
    {
        auto opened = Log::open({});
        if (opened) {
            (*opened)->info("test", "to the terminal");
            CHECK((*opened)->open_file({}).has_value());
        }
    }
    ::dup2(saved, 2);
    ::close(saved);
    ::close(file);
    auto const lines = lines_of(path);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].ends_with("to the terminal"));
}
