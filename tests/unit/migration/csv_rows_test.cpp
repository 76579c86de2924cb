#include "migration/csv_rows.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

using namespace splitmx;
using migration::CsvRows;

namespace {

// "LINE: a|b|c", or "LINE! fault".
std::vector<std::string> rows_of(std::string const& text) {
    CsvRows rows;
    std::vector<std::string> found;
    auto const take = [&] {
        while (auto const row = rows.next()) {
            auto one = std::to_string(row->line) + (row->fault.empty() ? ":" : "! " + row->fault);
            for (auto const& value : row->values) one += (one.ends_with(':') ? " " : "|") + value;
            found.push_back(one);
        }
    };
    std::istringstream in(text);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        rows.add({line, ++number, {}});
        take();
    }
    rows.end();
    take();
    return found;
}

using Rows = std::vector<std::string>;

std::string const bad_quotes =
    "quotation marks that do not match: a value with one is quoted, and the mark doubled";

}  // namespace

TEST_CASE("csv: values, quotes, line ends within them, empty lines") {
    CHECK(rows_of("a,b,c\n1, 2 ,\"3\"\n") == Rows{"1: a|b|c", "2: 1|2|3"});
    CHECK(
        rows_of("a,b\n\n  \n\"x,\"\"y\"\"\n\nz\",2\n3,4") ==
        Rows{"1: a|b", "4: x,\"y\"\n\nz|2", "7: 3|4"}
    );
    CHECK(rows_of("a\n") == Rows{"1: a"});
    CHECK(rows_of("").empty());
}

TEST_CASE("csv: the separator is what the header has most; lines before it are none") {
    CHECK(rows_of("a;b;\"c,d,e,f\"\n1,5;2;3\n") == Rows{"1: a|b|c,d,e,f", "2: 1,5|2|3"});
    CHECK(rows_of("a\tb\n1 x\t\n") == Rows{"1: a|b", "2: 1 x|"});
    CHECK(rows_of("#TYPE X\na,b\n1,2\n") == Rows{"2: a|b", "3: 1|2"});
    CHECK(rows_of("\nsep=;\na;b\n") == Rows{"3: a|b"});
}

TEST_CASE("csv: a bad row is one row, and those behind it are read") {
    CHECK(rows_of("a,b\nx \"y\" z,2\n3,4\n") == Rows{"1: a|b", "2! " + bad_quotes, "3: 3|4"});
    CHECK(
        rows_of("a,b\n\"1,2\n\"3\",4\n5,6\n") ==
        Rows{"1: a|b", "2! " + bad_quotes, "3: 3|4", "4: 5|6"}
    );
    CHECK(
        rows_of("a,b\n\"1,2\n3,4\n5,6\n") ==
        Rows{"1: a|b", "2! a quoted value begins here and does not end", "3: 3|4", "4: 5|6"}
    );
    std::string text = "a,b\n\"open,1\n";
    for (int i = 0; i < 300; ++i) text += "x,y\n";
    auto const rows = rows_of(text);
    REQUIRE(rows.size() == 302);
    CHECK(rows[1] == "2! a quoted value begins here and does not end within 200 lines");
    CHECK(rows[2] == "3: x|y");
    CHECK(rows.back() == "302: x|y");
}

TEST_CASE("csv: a line that could not be read ends the row that it is in") {
    CsvRows rows;
    rows.add({"a,b", 1, {}});
    rows.add({"\"x", 2, {}});
    rows.add({"", 3, "too long"});
    rows.add({"1,2", 4, {}});
    rows.end();
    CHECK(rows.next()->line == 1);
    CHECK(rows.next()->line == 2);
    CHECK(rows.next()->fault == "too long");
    CHECK(rows.next()->values == Rows{"1", "2"});
    CHECK_FALSE(rows.next());
}
