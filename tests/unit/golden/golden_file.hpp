// A golden file in sections, and the world that some of them are.
#pragma once

#include "support/temporary_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace splitmx::test {

using Sections = std::map<std::string, std::string>;

// Sections stand behind "== NAME" lines; what is before the first is "".
inline Sections sections_of(std::string const& text) {
    Sections sections;
    std::string name;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("== ")) {
            name = line.substr(3);
            sections[name];
        } else {
            sections[name] += line + "\n";
        }
    }
    return sections;
}

inline std::string read(std::filesystem::path const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The .txt files of tests/golden/NAME, in order.
inline std::vector<std::filesystem::path> golden_files(std::string const& name) {
    std::vector<std::filesystem::path> found;
    auto const folder = std::filesystem::path(SPLITMX_SOURCE_DIR) / "tests/golden" / name;
    for (auto const& item : std::filesystem::directory_iterator(folder)) {
        if (item.path().extension() == ".txt") found.push_back(item.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// The sections that are files (they have a dot in their name), in a folder of their own that is the
// current one meanwhile, so that sources read "splitmx.toml:LINE".
class WorldFolder {
public:
    explicit WorldFolder(Sections const& sections) : before_(std::filesystem::current_path()) {
        for (auto const& [name, text] : sections) {
            if (name.find('.') == name.npos && name != "hosts") continue;
            std::ofstream(folder_.path() / name) << text;
        }
        std::filesystem::current_path(folder_.path());
    }
    ~WorldFolder() { std::filesystem::current_path(before_); }
    WorldFolder(WorldFolder const&) = delete;
    WorldFolder& operator=(WorldFolder const&) = delete;

private:
    support::TemporaryDirectory folder_;
    std::filesystem::path before_;
};

}  // namespace splitmx::test
