#include "spool/fair_queue.hpp"

#include "catch2/catch.hpp"

using splitmx::spool::FairQueue;
using Items = std::vector<FairQueue::Item>;

TEST_CASE("fair queue: owners take turns, each first come, first served") {
    FairQueue queue;
    for (FairQueue::Item item : {10, 11, 12}) queue.push(1, item);
    queue.push(2, 20);
    queue.push(3, 30);
    queue.push(2, 21);
    CHECK(queue.size() == 6);
    CHECK(queue.take_all() == Items{10, 20, 30, 11, 21, 12});
    CHECK(queue.empty());
    CHECK_FALSE(queue.pop());
}

TEST_CASE("fair queue: ten thousand of one do not delay the one of another") {
    FairQueue queue;
    for (FairQueue::Item item = 0; item < 10'000; ++item) queue.push(1, item);
    CHECK(queue.pop() == 0U);
    queue.push(2, 77'777);
    CHECK(queue.pop() == 1U);
    CHECK(queue.pop() == 77'777U);
    CHECK(queue.pop() == 2U);
    CHECK(queue.size() == 9'997);
}

TEST_CASE("fair queue: used again after it was empty") {
    FairQueue queue;
    for (int round = 0; round < 3; ++round) {
        for (FairQueue::Item item = 0; item < 100; ++item) queue.push(item % 7, item);
        CHECK(queue.take_all().size() == 100);
        CHECK(queue.empty());
    }
}
