// What `splitmx doctor` makes of what it sees, without a machine to look at; and docs/doctor.md.
#include "admin/doctor_finding.hpp"
#include "admin/doctor_machine.hpp"
#include "admin/doctor_ports.hpp"
#include "support/run_splitmx.hpp"
#include "support/temporary_directory.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

using namespace splitmx;
using namespace splitmx::admin;

namespace {

DoctorAccount const relay{"splitmx", 990, {990, 4}};
constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

FileFact folder(std::string path, mode_t mode, uid_t owner = 0, gid_t group = 0) {
    return {std::move(path), true, true, owner, group, mode};
}
FileFact file(std::string path, mode_t mode, uid_t owner = 0, gid_t group = 0) {
    return {std::move(path), true, false, owner, group, mode};
}

std::vector<std::string_view> ids(DoctorFindings const& findings) {
    std::vector<std::string_view> all;
    for (auto const& one : findings) all.push_back(one.rule->id);
    return all;
}

std::string read(std::filesystem::path const& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string table_of_rules() {
    std::string text = "| id | level | when |\n|---|---|---|\n";
    for (auto const& rule : doctor_rules()) {
        text +=
            fmt::format("| `{}` | {} | {} |\n", rule.id, schema::to_text(rule.level), rule.text);
    }
    return text;
}

}  // namespace

TEST_CASE("doctor: modes of files decide for the relay's user") {
    auto const trouble = [](std::vector<FileFact> const& way, FileUse use) {
        return access_trouble(way, use, relay).value_or("");
    };
    CHECK(trouble({folder("/", 0755), file("/a", 0644)}, FileUse::read).empty());
    CHECK(
        trouble({folder("/", 0755), file("/a", 0640)}, FileUse::read) == "splitmx may not read /a"
    );
    CHECK(trouble({folder("/", 0755), file("/a", 0640, 0, 4)}, FileUse::read).empty());
    CHECK(trouble({folder("/", 0755), file("/a", 0400, 990)}, FileUse::read).empty());
    // The owner's bits are the owner's, also where those of the group would do.
    CHECK_FALSE(trouble({folder("/", 0755), file("/a", 0040, 990, 990)}, FileUse::read).empty());
    CHECK(
        trouble({folder("/", 0755), folder("/etc", 0700), file("/etc/a", 0644)}, FileUse::read) ==
        "splitmx may not enter /etc"
    );
    CHECK(
        trouble({folder("/", 0755), folder("/etc", 0755)}, FileUse::read) ==
        "there is no file below /etc"
    );
    CHECK(
        trouble({folder("/", 0755), folder("/var", 0755)}, FileUse::write) ==
        "splitmx may not write to /var"
    );
    CHECK(trouble({folder("/", 0755), folder("/s", 0700, 990)}, FileUse::write).empty());
    DoctorAccount const root{"root", 0, {0}};
    CHECK_FALSE(access_trouble({folder("/", 0000), file("/a", 0000, 7)}, FileUse::read, root));
}

TEST_CASE("doctor: the way to a file ends where there is none") {
    support::TemporaryDirectory const home;
    auto const path = home.path() / "a/b";
    CHECK(way_to(path).back().path == home.path());
    std::filesystem::create_directories(path);
    CHECK(way_to(path).back().path == path);
    CHECK(way_to(path.string() + "/").back().is_folder);
}

TEST_CASE("doctor: room on the disk") {
    DiskFact disk{"/var/spool/splitmx", 500 * gib, 1000 * gib, 1'000'000, 2'000'000};
    CHECK(ids(judge_disk(disk, gib)) == std::vector<std::string_view>{"disk"});
    disk.free = 40 * gib;
    CHECK(ids(judge_disk(disk, gib)) == std::vector<std::string_view>{"disk-low"});
    disk.free = gib / 2;
    disk.free_files = 12;
    CHECK(ids(judge_disk(disk, gib)) == std::vector<std::string_view>{"disk-full", "inodes-low"});
    disk = {"/", 500 * gib, 1000 * gib, 0, 0};
    CHECK(ids(judge_disk(disk, gib)) == std::vector<std::string_view>{"disk"});
}

TEST_CASE("doctor: the clock") {
    CHECK(ids(judge_clock({true, std::nullopt, 0})) == std::vector<std::string_view>{"clock"});
    CHECK(
        ids(judge_clock({false, std::nullopt, 0})) == std::vector<std::string_view>{"clock-free"}
    );
    CHECK(
        ids(judge_clock({true, "/var/spool/splitmx", 3600})) ==
        std::vector<std::string_view>{"clock-behind"}
    );
    CHECK(judge_clock({}).empty());
}

TEST_CASE("doctor: who listens on a port") {
    constexpr auto table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode\n"
        "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 4711 1\n"
        "   1: 0200007F:0019 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        "
        "0 4712 1\n"
        "   2: 00000000:024B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 4713 1\n";
    auto const on = [](char const* address, std::uint16_t port) {
        return config::Endpoint{*mail::IpAddress::parse(address), port};
    };
    CHECK(listening_inode(table, on("127.0.0.1", 25)) == 4711U);
    CHECK(listening_inode(table, on("0.0.0.0", 25)) == 4711U);
    CHECK_FALSE(listening_inode(table, on("127.0.0.2", 25)));
    CHECK(listening_inode(table, on("192.0.2.1", 587)) == 4713U);
    CHECK_FALSE(listening_inode("nonsense\n", on("127.0.0.1", 25)));
}

TEST_CASE("doctor: a finding as text and as JSON") {
    auto const one = finding(
        "port-taken",
        "[[listen]] internet: 0.0.0.0:25: master (process 812) listens there",
        "give it another address or port, or stop that program"
    );
    CHECK(
        to_text(one) ==
        "error  port-taken          [[listen]] internet: 0.0.0.0:25: master (process 812)\n"
        "                           listens there\n"
        "                           -> give it another address or port, or stop that\n"
        "                              program\n"
    );
    auto const object = boost::json::parse(to_json(one)).as_object();
    CHECK(object.at("id").as_string() == "port-taken");
    CHECK(object.at("level").as_string() == "error");
    CHECK(boost::json::parse(to_json(finding("disk", "room"))).at("fix").is_null());
}

TEST_CASE("doctor: the exit code is the worst of its findings") {
    CHECK(exit_code({finding("disk", "")}, true) == ExitCode::ok);
    CHECK(exit_code({finding("disk-low", "")}, false) == ExitCode::ok);
    CHECK(exit_code({finding("disk-low", "")}, true) == ExitCode::warnings);
    CHECK(
        exit_code({finding("host-down", ""), finding("config-error", "")}, false) ==
        ExitCode::configuration
    );
    CHECK(exit_code({finding("host-down", "")}, false) == ExitCode::unavailable);
    CHECK(
        summary({finding("disk", ""), finding("disk-low", ""), finding("host-down", "")}) ==
        "1 error, 1 warning; 1 check is well."
    );
}

TEST_CASE("doctor: a broken configuration is told, and nothing else is looked at") {
    support::TemporaryDirectory const home;
    std::ofstream(home.file("splitmx.toml"))
        << "[server]\nhostnam = \"x\"\n[[listen]]\naddress = \"127.0.0.1:0\"\n";
    auto const ran = test::run_splitmx({"--config", home.file("splitmx.toml"), "doctor", "--json"});
    CHECK(ran.code == 78);
    auto const first = boost::json::parse(ran.output.substr(0, ran.output.find('\n'))).as_object();
    CHECK(first.at("id").as_string() == "config-error");
    CHECK(first.at("fix").as_string() == "did you mean \"hostname\"?");
}

TEST_CASE("doctor: every id is its own, and docs/doctor.md has all of them") {
    std::set<std::string_view> known;
    for (auto const& rule : doctor_rules()) CHECK(known.insert(rule.id).second);
    auto const page = std::filesystem::path(SPLITMX_SOURCE_DIR) / "docs/doctor.md";
    auto text = read(page);
    auto const begin = text.find("| id | level | when |\n");
    REQUIRE(begin != std::string::npos);
    auto const end = std::min(text.find("\n\n", begin) + 1, text.size());
    auto const made = text.substr(0, begin) + table_of_rules() + text.substr(end);
    if (std::getenv("ACCEPT") != nullptr) std::ofstream(page) << made;
    CHECK(read(page) == made);
}
