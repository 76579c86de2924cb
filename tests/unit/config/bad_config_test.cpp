// Every kind of finding, word for word: tests/bad_config/NN-name/{splitmx.toml, expected-error}.
// ACCEPT=1 in the environment writes what is printed now as what is expected.
#include "config/read.hpp"
#include "config/values.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;
using namespace splitmx;

namespace {

std::vector<fs::path> cases() {
    std::vector<fs::path> found;
    for (auto const& entry : fs::directory_iterator(SPLITMX_SOURCE_DIR "/tests/bad_config")) {
        if (entry.is_directory()) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// Findings name the file as it was given: from within its folder that is the same everywhere.
class WorkingFolder {
public:
    explicit WorkingFolder(fs::path const& folder) : before_(fs::current_path()) {
        fs::current_path(folder);
    }
    ~WorkingFolder() { fs::current_path(before_); }
    WorkingFolder(WorkingFolder const&) = delete;
    WorkingFolder& operator=(WorkingFolder const&) = delete;

private:
    fs::path before_;
};

// Reasons of the system name files with their whole path, which differs from machine to machine.
std::string without_folder(std::string report, fs::path const& folder) {
    auto const prefix = folder.string() + "/";
    for (auto at = report.find(prefix); at != std::string::npos; at = report.find(prefix)) {
        report.replace(at, prefix.size(), "FOLDER/");
    }
    return report;
}

}  // namespace

TEST_CASE("each bad configuration is refused or warned of in these words") {
    ::setenv("LDAP_PASSWORD", "s3cret", 1);
    auto const folders = cases();
    REQUIRE(folders.size() > 50);
    for (auto const& folder : folders) {
        WorkingFolder const there(folder);
        auto const loaded = config::load("splitmx.toml", config::Purpose::serve);
        auto const expected = folder / "expected-error";
        auto const report = without_folder(loaded.report, folder);
        if (std::getenv("ACCEPT") != nullptr) std::ofstream(expected) << report;

        INFO(folder.filename().string());
        CHECK_FALSE(report.empty());
        auto const text = config::read_file(expected);
        REQUIRE(text.has_value());
        CHECK(report == *text);
        bool const only_warns = folder.filename().string().find("-warn-") != std::string::npos;
        CHECK(loaded.findings.has_errors() != only_warns);
        CHECK(loaded.config.has_value() == only_warns);
    }
}

TEST_CASE("a file that is not there is a finding") {
    auto const loaded = config::load("/nonexistent/splitmx.toml", config::Purpose::serve);
    CHECK_FALSE(loaded.config);
    CHECK(
        loaded.report ==
        "/nonexistent/splitmx.toml: error: cannot be read: "
        "/nonexistent/splitmx.toml: No such file or directory\n"
    );
}

TEST_CASE("a folder is no configuration") {
    auto const loaded = config::load("/", config::Purpose::serve);
    CHECK(loaded.report == "/: error: cannot be read: /: Is a directory\n");
}
