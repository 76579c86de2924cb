#include "queue/shape.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "people.hpp"

using namespace splitmx;
using std::chrono::minutes;

namespace {

queue::Row waiting(int age, std::vector<std::pair<char const*, char const*>> const& recipients) {
    queue::Row row;
    row.place = queue::Place::deferred;
    row.arrived = test::noon - minutes{age};
    for (auto const& [address, host] : recipients) {
        queue::RecipientRow recipient;
        recipient.address = address;
        recipient.host = host;
        recipient.state = "pending";
        row.recipients.push_back(recipient);
    }
    return row;
}

}  // namespace

TEST_CASE("the grid of the queue: next hops by age") {
    std::vector<queue::Row> rows{
        waiting(14, {{"carl@contoso.com", "notes"}}),
        waiting(4, {{"carl@contoso.com", "notes"}, {"anna@adatum.com", ""}}),
        waiting(1560, {{"old@africa.example", "europe"}}),
    };
    rows[1].recipients.push_back(rows[1].recipients.front());
    rows[1].recipients.back().state = "delivered";
    rows.push_back(waiting(7, {{"x@y.example", "notes"}}));
    rows.back().place = queue::Place::damaged;
    auto const shape = queue::shape(rows, test::noon, queue::ShapeBy::host);
    CHECK(
        queue::shape_text(shape, 0) ==
        R"(               T   5  10  20  40  80 160 320 640 1280 1280+   minutes
   TOTAL       4   2   0   1   0   0   0   0   0    0     1
   notes       2   1   0   1   0   0   0   0   0    0     0
   -           1   1   0   0   0   0   0   0   0    0     0
   europe      1   0   0   0   0   0   0   0   0    0     1
)"
    );
    auto const domains = queue::shape(rows, test::noon, queue::ShapeBy::domain);
    REQUIRE(domains.lines.size() == 3);
    CHECK(domains.lines.front().name == "contoso.com");
    CHECK(domains.lines.front().recipients == 2);
    CHECK(
        queue::shape_text(queue::shape({}, test::noon, queue::ShapeBy::host), 80) == "no messages\n"
    );
}

TEST_CASE("the grid: an age belongs to the column that ends behind it") {
    for (std::size_t i = 0; i < queue::shape_minutes.size(); ++i) {
        auto const end = static_cast<int>(queue::shape_minutes[i]);
        auto const at = [&](int age) {
            std::vector<queue::Row> const rows{waiting(age, {{"a@b.example", "h"}})};
            auto const total = queue::shape(rows, test::noon, queue::ShapeBy::host).total.by_age;
            return std::find(total.begin(), total.end(), 1U) - total.begin();
        };
        CHECK(at(end - 1) == static_cast<std::ptrdiff_t>(i));
        CHECK(at(end) == static_cast<std::ptrdiff_t>(i + 1));
    }
}

TEST_CASE("the grid fits 80 columns, with large numbers and long names") {
    std::vector<queue::Row> rows;
    for (int i = 0; i < 20'000; ++i) {
        rows.push_back(
            waiting(i % 2000, {{"a@b.example", "mx:a-very-long-name-of-a-domain.example"}})
        );
    }
    std::istringstream lines(
        queue::shape_text(queue::shape(rows, test::noon, queue::ShapeBy::host), 80)
    );
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(line.size() <= 80);
    }
}
