#include "relay/sandbox.hpp"

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>

using namespace splitmx;
namespace fs = std::filesystem;

namespace {

// A configuration in a folder of its own, with a state beside that folder and not in it.
class World {
public:
    World() {
        fs::create_directories(etc());
        fs::create_directories(elsewhere());
        std::ofstream(elsewhere() / "people.ldif")
            << "dn: cn=a\nobjectClass: inetLocalMailRecipient\nmailLocalAddress: a@adatum.com\n";
        std::ofstream(etc() / "people.ldif") << std::ifstream(elsewhere() / "people.ldif").rdbuf();
    }

    config::Loaded load(std::string const& more) const {
        auto const file = etc() / "splitmx.toml";
        std::ofstream(file) << "[server]\nhostname = \"relay.adatum.com\"\nstate_dir = \""
                            << state().string() << "\"\n"
                            << more << "\n[[listen]]\naddress = \"127.0.0.1:0\"\n"
                            << "[admin]\nsocket = \"" << (state() / "socket").string() << "\"\n";
        return config::load(file, config::Purpose::serve);
    }
    static std::string directory(std::string const& file) {
        return "[directory.main]\nprofile = \"laser\"\nuri = \"ldif:" + file + "\"\n";
    }

    fs::path etc() const { return folder_.path() / "etc"; }
    fs::path state() const { return folder_.path() / "state"; }
    fs::path elsewhere() const { return folder_.path() / "elsewhere"; }

private:
    support::TemporaryDirectory folder_;
};

// What a sandbox would do to the tests themselves is done to a child: whether `holds` is true
// there.
bool in_a_child(std::function<bool()> const& holds) {
    auto const child = ::fork();
    if (child == 0) ::_exit(holds() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool opens(fs::path const& file, int flags) {
    int const descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor >= 0;
}

bool kernel_can() {
    World const world;
    auto const loaded = world.load("");
    return in_a_child([&] { return relay::enter_sandbox(*loaded.config).is_on(); });
}

}  // namespace

TEST_CASE("places are what is below them") {
    World const world;
    relay::Places const places{fs::canonical(world.etc())};
    CHECK(relay::covers(places, world.etc() / "splitmx.toml"));
    CHECK(relay::covers(places, world.etc() / "not/there/yet.pem"));
    CHECK(relay::covers(places, world.etc()));
    CHECK_FALSE(relay::covers(places, world.elsewhere() / "people.ldif"));
    CHECK_FALSE(relay::covers(places, world.etc().string() + "c/splitmx.toml"));
    CHECK_FALSE(relay::covers(places, world.etc() / "../elsewhere/people.ldif"));
    fs::create_symlink(world.elsewhere(), world.etc() / "link");
    CHECK_FALSE(relay::covers(places, world.etc() / "link/people.ldif"));
}

TEST_CASE("what a configuration names is in reach, and where it really is") {
    World const world;
    fs::create_symlink(world.elsewhere() / "people.ldif", world.etc() / "linked.ldif");
    auto const linked = world.load(World::directory("linked.ldif"));
    REQUIRE(linked.config.has_value());
    auto const reach = relay::reach_of(*linked.config);
    CHECK(relay::covers(reach.read, world.etc() / "splitmx.toml"));
    CHECK(relay::covers(reach.read, world.elsewhere() / "people.ldif"));
    CHECK(relay::covers(reach.read, "/etc/resolv.conf"));
    CHECK_FALSE(relay::covers(reach.read, "/root/mail"));
    CHECK_FALSE(relay::covers(reach.write, world.etc() / "splitmx.toml"));

    auto const plain = relay::reach_of(*world.load(World::directory("people.ldif")).config);
    CHECK_FALSE(relay::covers(plain.read, world.elsewhere() / "people.ldif"));
}

TEST_CASE("a sandbox can be declined, and then says so") {
    World const world;
    auto const loaded = world.load("sandbox = false\n");
    REQUIRE(loaded.config.has_value());
    auto const sandbox = relay::enter_sandbox(*loaded.config);
    CHECK_FALSE(sandbox.is_on());
    CHECK(sandbox.why_not == "[server] sandbox is false");
    CHECK(relay::files_beyond(sandbox, loaded).empty());
    CHECK(
        relay::to_text(sandbox) ==
        "every file that the user may use is in reach: [server] sandbox is false"
    );
}

TEST_CASE("in the sandbox nothing but what is needed can be had") {
    if (!kernel_can()) {
        WARN("this kernel has no Landlock");
        return;
    }
    World const world;
    auto const config = world.load(World::directory("people.ldif"));
    REQUIRE(config.config.has_value());
    auto const inside = [&](std::function<bool(relay::Sandbox const&)> const& holds) {
        return in_a_child([&] { return holds(relay::enter_sandbox(*config.config)); });
    };
    CHECK(inside([&](auto const&) { return opens(world.etc() / "people.ldif", O_RDONLY); }));
    CHECK(inside([&](auto const&) { return !opens(world.etc() / "new", O_WRONLY | O_CREAT); }));
    CHECK(inside([&](auto const&) { return !opens(world.elsewhere() / "people.ldif", O_RDONLY); }));
    CHECK(inside([&](auto const&) { return opens("/etc/passwd", O_RDONLY); }));
    CHECK(inside([&](auto const&) { return opens("/dev/urandom", O_RDONLY); }));
    CHECK(inside([&](auto const&) { return !opens("/var", O_RDONLY | O_DIRECTORY); }));
    // The folders of the state are made for it, and written to, also from one to the other.
    CHECK(inside([&](auto const&) {
        auto const made = world.state() / "spool" / "message";
        bool const written = opens(made, O_WRONLY | O_CREAT) && opens(made, O_WRONLY | O_TRUNC);
        return written && ::rename(made.c_str(), (world.state() / "message").c_str()) == 0;
    }));
    // No program can be run.
    CHECK(inside([](auto const&) {
        ::execl("/bin/false", "false", nullptr);
        return true;
    }));
}

TEST_CASE("another configuration is told what it cannot reach any more") {
    if (!kernel_can()) return;
    World const world;
    auto const config = world.load(World::directory("people.ldif"));
    REQUIRE(config.config.has_value());
    auto const told = [&](config::Loaded const& loaded, std::vector<std::string> const& expected) {
        return in_a_child([&] {
            return relay::files_beyond(relay::enter_sandbox(*config.config), loaded) == expected;
        });
    };
    auto const outside = " is outside of the sandbox that the relay has been in since its start";
    auto const people = (world.elsewhere() / "people.ldif").string();
    auto const log = (world.elsewhere() / "relay.log").string();
    CHECK(told(config, {}));
    CHECK(told(world.load(World::directory("other.ldif")), {}));
    CHECK(told(world.load(World::directory(people)), {"[directory.main] uri: " + people + outside})
    );
    CHECK(told(world.load("[log]\nfile = \"" + log + "\"\n"), {"[log] file: " + log + outside}));
    // What counts from the next start on may be anywhere.
    auto const spool = "[spool]\npath = \"" + world.elsewhere().string() + "\"\n";
    CHECK(told(world.load(spool), {}));
}
