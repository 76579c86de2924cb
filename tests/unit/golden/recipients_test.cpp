// Runs tests/golden/recipients: what `splitmx recipient` prints for each profile. ACCEPT=1 writes
// it.
#include "support/run_splitmx.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "golden_file.hpp"

using namespace splitmx;
using namespace splitmx::test;

namespace {

// Words are divided by blanks; quotes hold them together.
std::vector<std::string> words_of(std::string const& line) {
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

std::string run(std::string const& line) {
    auto words = words_of(line);
    words.insert(words.begin(), {"--config", "splitmx.toml", "recipient"});
    auto const ran = run_splitmx(words);
    auto text = ran.output;
    std::istringstream lines(ran.error);
    for (std::string one; std::getline(lines, one);) text += "! " + one + "\n";
    if (ran.code != 0) text += "exit " + std::to_string(ran.code) + "\n";
    return text;
}

}  // namespace

TEST_CASE("tests/golden/recipients: the changes are those of the files", "[recipients]") {
    for (auto const& file : golden_files("recipients")) {
        auto const text = read(file);
        auto const sections = sections_of(text);
        std::string commands;
        {
            WorldFolder const world(sections);
            std::istringstream lines(sections.at("commands"));
            for (std::string line; std::getline(lines, line);) {
                if (!line.starts_with("> ")) continue;
                commands += (commands.empty() ? "" : "\n") + line + "\n" + run(line.substr(2));
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
