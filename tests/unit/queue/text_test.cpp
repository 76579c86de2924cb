#include "queue/text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "people.hpp"

using namespace splitmx;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("ages and sizes are short") {
    CHECK(queue::age_text(minutes{0}) == "0:00");
    CHECK(queue::age_text(minutes{14}) == "0:14");
    CHECK(queue::age_text(hours{23} + minutes{59}) == "23:59");
    CHECK(queue::age_text(hours{26}) == "1d02h");
    CHECK(queue::age_text(minutes{-5}) == "0:00");  // the clock was set back
    CHECK(queue::size_text(0) == "0");
    CHECK(queue::size_text(1023) == "1023");
    CHECK(queue::size_text(1025) == "2K");
    CHECK(queue::size_text(50 << 20) == "50M");
    CHECK(queue::size_text((3 << 20) + (1 << 19)) == "3.5M");
    CHECK(queue::size_text(std::uint64_t{5} << 30) == "5.0G");
}

TEST_CASE("the table of a list") {
    CHECK(
        queue::list_text(test::some_rows(), test::noon, 0) ==
        R"(ID            size  age    from             to                  host            tries  last answer
0000000001   *12K   0:14   bob@example.net  carl@contoso.com    notes           2      451 4.3.2 try later
0000000002   !12K   1d02h  <>               old@africa.example  europe          -      held by admin: "legal"
0000000003   #12K   0:03   ?                -                   -               -      damaged: record does not match its checksum
0000000004    12K   0:00   ann@adatum.com   b@example.com       mx:example.com  -      not tried yet
                                            c@example.com       mx:example.com  -      not tried yet
                                            d@example.com       mx:example.com  -      not tried yet
                                            and 1 more
4 messages, 6 recipients, 47K
)"
    );
    CHECK(queue::list_text({}, test::noon, 80) == "no messages\n");
}

TEST_CASE("what was not tried because of its host says so") {
    queue::HostNotes const hosts{
        {"notes", "paused for 3 s: upgrade"}, {"mx:example.com", "down for 12 min: 451 \x01"}};
    auto const rows = test::some_rows();
    auto const text = queue::list_text(rows, test::noon, 0, hosts);
    CHECK(text.find("b@example.com       mx:example.com  -      not tried, host down for 12 min: 451") != text.npos);
    CHECK(text.find("\x01") == text.npos);
    // Its own last answer says more; what is held waits for the operator.
    CHECK(text.find("notes           2      451 4.3.2 try later") != text.npos);
    CHECK(text.find("upgrade") == text.npos);
}

TEST_CASE("a list fits its terminal") {
    auto const width = GENERATE(80, 100, 132);
    std::istringstream lines(
        queue::list_text(test::some_rows(), test::noon, static_cast<std::size_t>(width))
    );
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        auto const columns = std::count_if(line.begin(), line.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        });
        CHECK(columns <= width);
    }
}

TEST_CASE("a list on a narrow terminal has the answers below, whole as far as they fit") {
    CHECK(
        queue::list_text(test::some_rows(), test::noon, 80) ==
        R"(ID            size  age    from            to              host            tries
0000000001   *12K   0:14   bob@example.n…  carl@contoso.…  notes           2
                           451 4.3.2 try later
0000000002   !12K   1d02h  <>              old@africa.ex…  europe          -
                           held by admin: "legal"
0000000003   #12K   0:03   ?               -               -               -
                           damaged: record does not match its checksum
0000000004    12K   0:00   ann@adatum.com  b@example.com   mx:example.com  -
                                           c@example.com   mx:example.com  -
                                           d@example.com   mx:example.com  -
                           not tried yet
                                           and 1 more
4 messages, 6 recipients, 47K
)"
    );
}

TEST_CASE("text from outside cannot forge a line") {
    auto rows = test::some_rows();
    rows[0].recipients[0].last_answer = "450 x\r\n0000000009";
    CHECK(
        queue::list_text({&rows[0], 1}, test::noon, 0).find("450 x\\x0D\\x0A") != std::string::npos
    );
    CHECK(queue::show_text(rows[0], test::noon).find("\n0000000009") == std::string::npos);
}

TEST_CASE("one message in full") {
    auto row = test::some_rows()[0];
    row.place = queue::Place::deferred;
    row.client = "mx.example.net[192.0.2.10]";
    row.listener = "internet";
    row.recipients[0].original = "Carl@Contoso.com";
    row.recipients[0].entry = "cn=Carl (Notes),ou=people,dc=adatum,dc=com";
    row.recipients[0].last_host = "notes1.adatum.com[10.0.0.9]:25";
    CHECK(queue::show_text(row, test::noon) == R"(0000000001  12K, waits for its next attempt
arrived   2023-11-14 21:59:20Z (0:14 ago)
from      bob@example.net
client    mx.example.net[192.0.2.10]
listener  internet

to        carl@contoso.com   typed as Carl@Contoso.com
  why     custom_recipient
  entry   cn=Carl (Notes),ou=people,dc=adatum,dc=com
  host    notes
  state   pending, 2 failed attempts, next 2023-11-14 22:17:20Z
  answer  451 4.3.2 try later
  from    notes1.adatum.com[10.0.0.9]:25
)");
    CHECK(
        queue::show_text(test::some_rows()[2], test::noon) ==
        "0000000003  12K, damaged: record does not match its checksum; it is never sent\n"
        "set aside 2023-11-14 22:10:20Z (0:03 ago)\n"
        "from      ?\n"
    );
}
