// `splitmx directory lint|search|export` over the worlds of tests/golden/decisions.
#include "support/run_splitmx.hpp"
#include "support/temporary_directory.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace splitmx;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

test::Ran run(std::vector<std::string> words) {
    auto const world =
        fs::path(SPLITMX_SOURCE_DIR) / "tests/golden/decisions/Q258203-shared-name-space";
    auto const before = fs::current_path();
    fs::current_path(world);
    words.insert(words.begin(), {"--config", "splitmx.toml", "directory"});
    words.emplace_back("--offline");
    auto ran = test::run_splitmx(words);
    fs::current_path(before);
    return ran;
}

std::vector<json::object> objects(std::string const& lines) {
    std::vector<json::object> all;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) all.push_back(json::parse(line).as_object());
    return all;
}

std::string read(fs::path const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("lint exits with 65 when it finds errors, and counts those that it does not show") {
    CHECK(run({"lint"}).code == 65);
    CHECK(run({"lint", "--rule", "D023"}).code == 0);
    CHECK(run({"lint", "--rule", "duplicate-address,D023"}).code == 65);
    auto const quiet = run({"lint", "--severity", "error"});
    CHECK(quiet.code == 65);
    CHECK(quiet.output.find("target-is-mailbox") == std::string::npos);
    CHECK(run({"lint", "--rule", "D999"}).code == 64);
    CHECK(run({"lint", "--severity", "loud"}).code == 64);
}

TEST_CASE("lint --json is one object a line") {
    auto const ran = run({"lint", "--json"});
    CHECK(ran.code == 65);
    auto const found = objects(ran.output);
    REQUIRE(found.size() == 3);
    auto const& first = found.front();
    CHECK(first.at("id").as_string() == "D001");
    CHECK(first.at("name").as_string() == "duplicate-address");
    CHECK(first.at("severity").as_string() == "error");
    CHECK(first.at("source").is_null());
    CHECK(first.at("entries").as_array().size() == 2);
    CHECK(
        first.at("entries").at(0).at("detail").as_string() == "mailLocalAddress: pat@contoso.com"
    );
    CHECK(found.at(1).at("fix").as_string().starts_with("dn: cn=Nick (Notes),"));
}

TEST_CASE("what lint proposes mends what it found") {
    support::TemporaryDirectory const folder;
    auto const fix = folder.file("fix.ldif");
    auto const ran = run({"lint", "--fix-ldif", fix});
    CHECK(ran.code == 65);
    CHECK(ran.error.find("1 change proposed, 1 choice left to you") != std::string::npos);
    CHECK(run({"lint", "--rule", "D003"}).code == 65);
    CHECK(run({"lint", "--rule", "D003", "--with-ldif", fix}).code == 0);
    CHECK(run({"lint", "--fix-ldif", folder.file("gone/fix.ldif")}).code == 73);
    CHECK(run({"lint", "--with-ldif", folder.file("gone.ldif")}).code == 65);
}

TEST_CASE("lint with an LDIF of new people looks at them too") {
    support::TemporaryDirectory const folder;
    std::ofstream(folder.file("new.ldif"))
        << "dn: uid=new,ou=people,dc=adatum,dc=com\nobjectClass: inetLocalMailRecipient\n"
           "mailLocalAddress: carl@contoso.com\n\n"
           "dn: uid=anna,ou=people,dc=adatum,dc=com\nchangetype: modify\nadd: mailLocalAddress\n"
           "mailLocalAddress: a@gone.example\n-\n\n"
           "dn: cn=Pat twice,ou=people,dc=adatum,dc=com\nchangetype: delete\n";
    auto const ran = run({"lint", "--with-ldif", folder.file("new.ldif")});
    CHECK(ran.output.find("carl@contoso.com is held by 2 entries") != std::string::npos);
    CHECK(ran.output.find("no [[domain]] accepts gone.example") != std::string::npos);
    CHECK(ran.output.find("pat@contoso.com is held") == std::string::npos);
    std::ofstream(folder.file("bad.ldif"))
        << "dn: uid=gone,dc=adatum,dc=com\nchangetype: modify\nadd: mail\nmail: x\n-\n";
    auto const bad = run({"lint", "--with-ldif", folder.file("bad.ldif")});
    CHECK(bad.code == 65);
    CHECK(bad.error.find("there is no such recipient") != std::string::npos);
}

TEST_CASE("search finds people by address, DN and target, in any case") {
    CHECK(run({"search", "ANNA"}).output.find("1 of 7") == std::string::npos);
    auto const ran = run({"search", "D.NOTES"});
    CHECK(ran.code == 0);
    CHECK(
        ran.output ==
        "dora@contoso.com  custom recipient, target SMTP:d.notes@contoso.com\n"
        "    cn=Dora (Notes),ou=people,dc=adatum,dc=com\n"
        "    also  dora.d@contoso.com\n"
        "1 of 7 recipients\n"
    );
    CHECK(run({"search", "nowhere"}).code == 67);
    auto const found = objects(run({"search", "--json", "nick"}).output);
    REQUIRE(found.size() == 1);
    CHECK(found.front().at("kind").as_string() == "custom_recipient");
    CHECK(found.front().at("target").as_string() == "NOTES:Nick/Contoso");
    CHECK(found.front().at("directory").as_string() == "main");
}

TEST_CASE("export prints everybody in three forms") {
    CHECK(objects(run({"export"}).output).size() == 7);
    auto const csv = run({"export", "--format", "csv"}).output;
    CHECK(csv.starts_with("dn,directory,name,kind,"));
    CHECK(
        csv.find("\"uid=anna,ou=people,dc=adatum,dc=com\",main,Anna,mailbox,") != std::string::npos
    );
    support::TemporaryDirectory const folder;
    std::ofstream(folder.file("all.ldif")) << run({"export", "--format", "ldif"}).output;
    CHECK(read(folder.file("all.ldif")).starts_with("dn: "));
    // Everybody once more is everybody as before.
    CHECK(run({"lint", "--with-ldif", folder.file("all.ldif")}).output == run({"lint"}).output);
    CHECK(run({"export", "--format", "xml"}).code == 64);
}
