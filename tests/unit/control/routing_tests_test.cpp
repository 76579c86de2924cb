#include "control/routing_tests.hpp"

#include "config/read.hpp"
#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace splitmx;

TEST_CASE("routing tests: every mistake of the file, with its line") {
    auto const read = control::parse_routing_tests(R"(# those who must not be lost
anna@adatum.com mailbox mailboxes
carl@contoso.com	custom_recipient  notes,mailboxes rcpt=c@notes.example from=<> client=10.0.0.1

zoe@contoso.com
zoe@contoso.com unknown_recipent
zoe@contoso.com refuse clent=192.0.2.1
zoe@contoso.com refuse client=192.0.2
zoe@contoso.com mailbox a b
anna@adatum.com deliver listener=main login=anna local-address=10.0.0.9   # by hand
)");
    REQUIRE(read.tests.size() == 3);
    CHECK(read.tests[1].line == 3);
    CHECK(read.tests[1].hosts == std::vector<std::string>{"mailboxes", "notes"});
    CHECK(read.tests[1].rcpt == "c@notes.example");
    CHECK(read.tests[1].with.from == "<>");
    CHECK(read.tests[2].with.identity == "anna");
    std::vector<std::pair<std::size_t, std::string>> faults;
    for (auto const& fault : read.faults) faults.emplace_back(fault.line, fault.text);
    REQUIRE(faults.size() == 5);
    CHECK(
        faults[0] ==
        std::pair<std::size_t, std::string>(5, "what becomes of it? Such as \"mailbox mailboxes\"")
    );
    CHECK(faults[1].second.find("did you mean \"unknown_recipient\"") != std::string::npos);
    CHECK(faults[2].second == "there is no \"clent=\"; did you mean \"client\"?");
    CHECK(faults[3].second.starts_with("client: "));
    CHECK(faults[4] == std::pair<std::size_t, std::string>(9, "\"b\" is one word too many"));
}

TEST_CASE("routing tests: run under a configuration") {
    support::TemporaryDirectory const folder;
    auto const world = std::filesystem::path(SPLITMX_SOURCE_DIR) /
                       "tests/golden/decisions/Q258203-shared-name-space";
    auto const loaded = config::load(world / "splitmx.toml", config::Purpose::look_up);
    REQUIRE(loaded.config);
    auto const service = directory::DirectoryService::start(*loaded.config, {});
    REQUIRE(service.has_value());
    auto const run = [&](std::string const& text) {
        std::ofstream(folder.file("tests.txt")) << text;
        return control::run_routing_tests(
            folder.file("tests.txt"), loaded.config->routing, **service
        );
    };
    auto const good =
        run("anna@contoso.com mailbox mailboxes\n"
            "dora@contoso.com custom_recipient notes rcpt=d.notes@contoso.com\n"
            "zoe@contoso.com unknown_recipient\nzoe@contoso.com refuse\n"
            "carl@contoso.com loop client=10.0.9.77\n");
    CHECK(good.report().empty());
    CHECK(good.summary() == "5 routing tests pass");

    auto const bad =
        run("anna@contoso.com custom_recipient notes\n"
            "dora@contoso.com deliver notes rcpt=dora@contoso.com\n"
            "anna@contoso.com mailbox\nzoe@contoso.com nonsense\n");
    CHECK(
        bad.report() ==
        "tests.txt:1: error: anna@contoso.com: mailbox at mailboxes, but must be "
        "custom_recipient at notes\n"
        "tests.txt:2: error: dora@contoso.com: custom_recipient at notes as d.notes@contoso.com, "
        "but must be deliver at notes as dora@contoso.com\n"
        "tests.txt:4: error: there is no outcome \"nonsense\"\n"
    );
    CHECK(bad.summary() == "3 of 4 routing tests fail");
    CHECK(control::run_routing_tests("/no/such", loaded.config->routing, **service).failed == 1);
}

TEST_CASE("routing tests: a directory that does not tell fails nothing") {
    control::RoutingTest test;
    test.address = "anna@adatum.com";
    test.outcome = "mailbox";
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::defer;
    decision.reason = mail::Reason::directory_unavailable;
    auto const result = control::judge(test, decision);
    CHECK(result.verdict == control::TestVerdict::undecided);
    CHECK(result.text == "anna@adatum.com: directory_unavailable, but must be mailbox");
}
