#include "mail/pass_marks.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace splitmx::mail;

namespace {

SipKey const ours{1, 2, 3};
using Marks = std::set<std::string>;

}  // namespace

TEST_CASE("pass marks: of an address and a host, whatever the spelling") {
    auto const mark = pass_mark(ours, "Zoe@Contoso.com", "host:notes");
    CHECK(mark.size() == 8);
    CHECK(pass_mark(ours, "zoe@contoso.COM", "host:notes") == mark);
    CHECK(pass_mark(ours, "zoe@contoso.com", "host:mailboxes") != mark);
    CHECK(pass_mark(ours, "zoey@contoso.com", "host:notes") != mark);
    CHECK(pass_mark({}, "zoe@contoso.com", "host:notes") != mark);
}

TEST_CASE("pass marks: written and read again, however the field was folded") {
    std::vector<std::string> const marks{"7RTQ2M5K", "0A3WZE9C", "7RTQ2M5K"};
    auto const comment = marks_comment(marks);
    CHECK(comment == "(pass 0A3WZE9C 7RTQ2M5K)");
    Marks const each(marks.begin(), marks.end());
    CHECK(marks_in("from a by b " + comment + " with ESMTP") == each);
    CHECK(marks_in("by b\r\n\t(pass 0A3WZE9C\r\n\t  7RTQ2M5K)\r\n\twith ESMTP") == each);
    CHECK(marks_comment({}).empty());
}

TEST_CASE("pass marks: what others write is no mark") {
    for (auto const* text :
         {"",
          "(pass",
          "(pass )",
          "(pass word)",
          "(pass 7rtq2m5k)",
          "(pass 7RTQ2M5KK)",
          "pass 7RTQ2M5K",
          "(passed 7RTQ2M5K)"}) {
        INFO(text);
        CHECK(marks_in(text).empty());
    }
    // Cut off by somebody on the way: what is there counts.
    CHECK(marks_in("(pass 7RTQ2M5K 0A3W") == Marks{"7RTQ2M5K"});
}

TEST_CASE("pass marks: no more than a field can hold") {
    std::vector<std::string> marks;
    for (int i = 0; i < 1000; ++i) {
        marks.push_back(pass_mark(ours, "u" + std::to_string(i) + "@adatum.com", "host:notes"));
    }
    CHECK(marks_in(marks_comment(marks)).size() == most_marks);
}
