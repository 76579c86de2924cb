// Golden files with commands of the tool: behind "== commands" lines "> words", each with what is
// printed, "!" before what goes to standard error, and the exit code where it is not 0.
#pragma once

#include "support/run_splitmx.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <utility>

#include "golden_file.hpp"

namespace splitmx::test {

// Words are divided by blanks; quotes hold them together.
inline std::vector<std::string> words_of(std::string const& line) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (char const c : line + " ") {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            if (!word.empty()) words.push_back(std::exchange(word, {}));
        } else {
            word += c;
        }
    }
    return words;
}

// `before` stands before the words of each line.
inline std::string run_line(std::vector<std::string> before, std::string const& line) {
    for (auto& word : words_of(line)) before.push_back(std::move(word));
    auto const ran = run_splitmx(before);
    auto text = ran.output;
    std::istringstream lines(ran.error);
    for (std::string one; std::getline(lines, one);) text += "! " + one + "\n";
    if (ran.code != 0) text += "exit " + std::to_string(ran.code) + "\n";
    return text;
}

// The files of tests/golden/NAME say what is printed. ACCEPT=1 writes it.
inline void check_golden_commands(std::string const& name, std::vector<std::string> const& before) {
    for (auto const& file : golden_files(name)) {
        auto const text = read(file);
        auto const sections = sections_of(text);
        std::string commands;
        {
            WorldFolder const world(sections);
            std::istringstream lines(sections.at("commands"));
            for (std::string line; std::getline(lines, line);) {
                if (!line.starts_with("> ")) continue;
                commands += (commands.empty() ? "" : "\n") + line + "\n";
                commands += run_line(before, line.substr(2));
            }
        }
        auto const actual = text.substr(0, text.find("== commands\n")) + "== commands\n" + commands;
        if (std::getenv("ACCEPT")) {
            std::ofstream(file) << actual;
            continue;
        }
        INFO(file.filename().string() << "; ACCEPT=1 test_golden writes it");
        CHECK(actual == text);
    }
}

}  // namespace splitmx::test
