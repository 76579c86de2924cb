#include "spool/id_table.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <vector>

using namespace splitmx::spool;

TEST_CASE("id table: as a map would do it") {
    std::minstd_rand random(7);
    IdTable table;
    std::vector<SpoolId> ids;
    std::map<SpoolId, IdTable::Number> model;
    auto const id_of = [&](IdTable::Number number) { return ids[number]; };
    for (int step = 0; step < 20'000; ++step) {
        // Few values, so that many ids come again; some of them share their low bits.
        SpoolId const id((random() % 500 + 1) << (random() % 2 * 40));
        if (auto const known = model.find(id); known != model.end()) {
            CHECK(table.find(id, id_of) == known->second);
            table.remove(id, id_of);
            model.erase(known);
        } else {
            CHECK_FALSE(table.find(id, id_of));
            table.remove(id, id_of);
            auto const number = static_cast<IdTable::Number>(ids.size());
            ids.push_back(id);
            table.add(id, number, id_of);
            model.emplace(id, number);
        }
        REQUIRE(table.size() == model.size());
    }
    for (auto const& [id, number] : model) CHECK(table.find(id, id_of) == number);
}
