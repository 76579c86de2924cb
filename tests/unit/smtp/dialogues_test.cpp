// Plays tests/golden/dialogues/*.smtp, each once in bursts and once octet by octet.
//   set KEY NUMBER    max_message, max_messages, max_recipients, max_errors
//   C: line           from the client, CRLF added; lines in a row are one burst
//   R: octets         the same as they stand, with \r \n \0 \\ and \xNN, nothing added
//   S: prefix         the next reply line
//   K: octets         a message was kept, with this content      (escapes as in R)
//   D:                a message was discarded
//   X:                the session has closed
//   #                 a remark
#include "tests/support/session_script.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace splitmx::tests {

namespace {

std::string unescape(std::string const& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        char const c = text.at(++i);
        if (c == 'x') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            auto const known = std::string_view("rn0\\").find(c);
            if (known == std::string_view::npos) throw std::runtime_error("escape in " + text);
            out += std::string_view("\r\n\0\\", 4)[known];
        }
    }
    return out;
}

struct Dialogue {
    smtp::ServerSettings settings;
    std::vector<Turn> turns;
};

void set(smtp::ServerSettings& settings, std::string const& line) {
    std::istringstream words(line);
    std::string word, key;
    unsigned number = 0;
    words >> word >> key >> number;
    if (key == "max_message")
        settings.max_message = number;
    else if (key == "max_recipients")
        settings.max_recipients = number;
    else if (key == "max_messages")
        settings.max_messages = number;
    else if (key == "max_errors")
        settings.max_errors = number;
    else
        throw std::runtime_error("unknown setting: " + line);
}

Dialogue read(std::filesystem::path const& path) {
    Dialogue dialogue;
    dialogue.settings.hostname = "mx.example.com";
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        auto const text = line.size() > 3 ? line.substr(3) : std::string();
        if (line.empty() || line[0] == '#')
            continue;
        else if (line.starts_with("set "))
            set(dialogue.settings, line);
        else if (line.starts_with("C:"))
            dialogue.turns.push_back(C(text));
        else if (line.starts_with("R: "))
            dialogue.turns.push_back(C_raw(unescape(text)));
        else if (line.starts_with("S: "))
            dialogue.turns.push_back(S(text));
        else if (line.starts_with("K:"))
            dialogue.turns.push_back({Turn::Kind::kept, unescape(text)});
        else if (line == "D:")
            dialogue.turns.push_back({Turn::Kind::discarded, {}});
        else if (line == "X:")
            dialogue.turns.push_back({Turn::Kind::closed, {}});
        else
            throw std::runtime_error(path.string() + ": " + line);
    }
    return dialogue;
}

}  // namespace

TEST_CASE("dialogues go as they are written") {
    auto const folder = std::filesystem::path(SPLITMX_SOURCE_DIR) / "tests/golden/dialogues";
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".smtp") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    REQUIRE(files.size() >= 15);
    for (auto const& file : files) {
        INFO(file.filename().string());
        auto const dialogue = read(file);
        CHECK(play(dialogue.turns, dialogue.settings, Feeding::bursts) == "");
        CHECK(play(dialogue.turns, dialogue.settings, Feeding::octets) == "");
    }
}

TEST_CASE("a dialogue that goes otherwise is told") {
    smtp::ServerSettings const settings{.hostname = "mx.example.com"};
    CHECK(play({S("220"), C("NOOP"), S("500")}, settings, Feeding::bursts) != "");
    CHECK(play({S("220"), C("NOOP")}, settings, Feeding::bursts) != "");
    CHECK(play({S("220"), {Turn::Kind::closed, {}}}, settings, Feeding::bursts) != "");
    CHECK(play({S("220"), {Turn::Kind::kept, {}}}, settings, Feeding::bursts) != "");
}

}  // namespace splitmx::tests
