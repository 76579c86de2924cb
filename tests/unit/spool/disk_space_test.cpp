#include "spool/disk_space.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::spool;
using namespace std::chrono_literals;

TEST_CASE("disk space: an answer is good for a moment, and no longer") {
    Result<std::uint64_t> answer = std::uint64_t{1000};
    int asked = 0;
    DiskSpace space([&] {
        ++asked;
        return answer;
    });
    auto const now = DiskSpace::Clock::time_point(1h);
    CHECK(space.left(now) == 1000);
    answer = std::uint64_t{10};
    CHECK(space.left(now + DiskSpace::good_for - 1ms) == 1000);
    CHECK(asked == 1);
    CHECK(space.left(now + DiskSpace::good_for) == 10);
    CHECK(asked == 2);
}

TEST_CASE("disk space: a disk that cannot be asked has none") {
    DiskSpace space([]() -> Result<std::uint64_t> { return Error{Errc::io, "gone"}; });
    CHECK(space.left(DiskSpace::Clock::time_point(1h)) == 0);
}
