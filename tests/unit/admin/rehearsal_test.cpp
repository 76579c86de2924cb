// `splitmx session` without a relay, over a world of tests/golden: what stands on the screen.
#include "admin/command_line.hpp"
#include "admin/verb_tree.hpp"
#include "support/run_splitmx.hpp"
#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace splitmx;

namespace {

struct World {
    support::TemporaryDirectory folder;

    explicit World(std::string const& listener = {}) {
        auto const golden = std::filesystem::path(SPLITMX_SOURCE_DIR) /
                            "tests/golden/decisions/Q258203-shared-name-space";
        std::filesystem::copy_file(golden / "people.ldif", folder.path() / "people.ldif");
        std::ifstream in(golden / "splitmx.toml");
        std::ofstream out(folder.file("splitmx.toml"));
        out << in.rdbuf() << "\n[[listen]]\nname = \"internet\"\naddress = \"127.0.0.1:2525\"\n"
            << "tls = \"off\"\n"
            << listener;
    }
    test::Ran session(std::string const& commands, std::vector<std::string> more = {}) const {
        // Sources are then "splitmx.toml:LINE", wherever the folder is.
        auto const before = std::filesystem::current_path();
        std::filesystem::current_path(folder.path());
        more.insert(more.begin(), {"--config", "splitmx.toml", "session", "--offline"});
        auto ran = test::run_splitmx(more, commands);
        std::filesystem::current_path(before);
        return ran;
    }
};

}  // namespace

TEST_CASE("session: every reply, and why") {
    World const world;
    auto const ran = world.session(
        "EHLO mx.example.net\nMAIL FROM:<bob@example.net>\nRCPT TO:<zoe@contoso.com>\n"
        "RCPT TO:<carl@contoso.com>\nDATA\nSubject: hello\n\n..\n.\nNONSENSE\nQUIT\n"
    );
    CHECK(ran.code == 0);
    auto const file =
        std::filesystem::path(SPLITMX_SOURCE_DIR) / "tests/golden/explain/session.txt";
    if (std::getenv("ACCEPT") != nullptr) std::ofstream(file) << ran.output;
    std::ifstream in(file);
    std::string const expected{std::istreambuf_iterator<char>(in), {}};
    CHECK(ran.output == expected);
    CHECK(expected.find("S: 550 5.1.1") != std::string::npos);
}

TEST_CASE("session: a client that may not connect") {
    World const world("allow = [\"10.0.0.0/24\"]\n");
    auto const ran = world.session("EHLO x\n");
    CHECK(ran.output.starts_with("S: 554 5.7.1 You may not connect here\n"));
    CHECK(ran.output.find("allow does not have this client") != std::string::npos);
    CHECK(ran.output.find("S: 503 5.5.1 You may not connect here") != std::string::npos);
    CHECK(world.session("QUIT\n", {"--client", "10.0.0.7"}).output.starts_with("S: 220 "));
}

TEST_CASE("session: bad flags, and an end in the middle") {
    World const world;
    CHECK(world.session("", {"--client", "nonsense"}).code == 64);
    CHECK(world.session("", {"--local-address", "nonsense"}).code == 64);
    auto const ran = world.session("", {"--listener", "internt"});
    CHECK(ran.code == 64);
    CHECK(ran.error.find("did you mean \"internet\"?") != std::string::npos);
    CHECK(world.session("EHLO x\nMAIL FROM:<a@b.example>\nDATA").code == 0);
    CHECK(world.session(std::string(100'000, 'x') + "\n").code == 0);
    CHECK(
        world.session(std::string("EHLO \x1b[31m\0x\n", 13)).output.find('\x1b') ==
        std::string::npos
    );
}

TEST_CASE("completion knows every verb, in every shell") {
    auto const words = admin::all_words();
    REQUIRE(words.verbs.size() > 8);
    for (auto const* shell : {"bash", "zsh", "fish"}) {
        auto const ran = test::run_splitmx({"completion", shell});
        CHECK(ran.code == 0);
        INFO(shell);
        for (auto const& verb : words.verbs) {
            CHECK(ran.output.find(verb.name) != std::string::npos);
            for (auto const& below : verb.verbs) {
                for (auto const& flag : below.flags) {
                    auto const name = flag.names.front();
                    auto const bare = std::string(shell) == "fish" ? " -l " + name.substr(2) : name;
                    CHECK(ran.output.find(bare) != std::string::npos);
                }
            }
        }
    }
    CHECK(test::run_splitmx({"completion", "tcsh"}).code == 64);
    CHECK(test::run_splitmx({"completion"}).code == 64);
}
