// The administrator's own tests of his configuration: addresses, and where mail for them must go.
// One a line, `#` begins a comment:
//
//     anna@adatum.com     mailbox            mailboxes
//     carl@contoso.com    custom_recipient   notes        rcpt=carl@notes.example
//     zoe@contoso.com     unknown_recipient
//     bob@example.net     relay_denied                    client=192.0.2.7
//
// An address, what becomes of it (a reason, or deliver, refuse, defer, bounce), the next hop where
// that matters (several with commas: all of them), and how it is asked: rcpt=, from=, client=,
// local-address=, listener=, login=. A recipient that nobody can decide now fails no test.
// Threads: run() blocks; the rest are pure functions. Errors: of the file by line, all in one go.
// Source: contract of `splitmx resolve` for words and defaults.
#pragma once

#include "directory/directory_service.hpp"
#include "mail/result.hpp"
#include "resolver/resolve.hpp"
#include "resolver/routing_table.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "control/asking.hpp"

namespace splitmx::control {

struct RoutingTest {
    std::size_t line = 0;
    std::string address;
    std::string outcome;             // "mailbox", "refuse"
    std::vector<std::string> hosts;  // sorted; empty: wherever
    std::string rcpt;                // for the next hop; empty: whatever
    AskedWith with;
};

struct RoutingTestFault {
    std::size_t line = 0;
    std::string text;
};

struct RoutingTests {
    std::vector<RoutingTest> tests;
    std::vector<RoutingTestFault> faults;
};

RoutingTests parse_routing_tests(std::string_view text);
mail::Result<RoutingTests> read_routing_tests(std::filesystem::path const& file);

enum class TestVerdict { passed, failed, undecided };

struct TestResult {
    TestVerdict verdict = TestVerdict::passed;
    std::string
        text;  // "carl@contoso.com: custom_recipient at notes, but must be mailbox at mailboxes"
};

TestResult judge(RoutingTest const& test, resolver::Decision const& decision);

// All tests of a file under one configuration.
struct TestRun {
    std::size_t passed = 0;
    std::size_t failed = 0;  // faults of the file among them
    std::size_t undecided = 0;
    std::vector<std::string> lines;  // "FILE:LINE: error: ...", in the order of the file

    std::string report() const;   // the lines, one behind the other
    std::string summary() const;  // "2 of 5 routing tests fail"
};

TestRun run_routing_tests(
    std::filesystem::path const& file,
    resolver::RoutingTable const& table,
    directory::DirectoryService& service
);

}  // namespace splitmx::control
