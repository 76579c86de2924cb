#include "spool/memory_store.hpp"

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

class MemoryFixture {
public:
    Store& store() { return *store_; }
    BodyDirectory& bodies() { return *bodies_; }

private:
    std::unique_ptr<support::TemporaryDirectory> directory_ =
        std::make_unique<support::TemporaryDirectory>();
    std::unique_ptr<BodyDirectory> bodies_ =
        BodyDirectory::open(std::make_shared<PosixFileSystem>(), directory_->file("body")).value();
    std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>(*bodies_, 2'000'000);
};

}  // namespace

TEST_CASE("memory store: puts and reads") { check_put_and_read(MemoryFixture()); }
TEST_CASE("memory store: puts in any order") { check_any_order(MemoryFixture()); }
TEST_CASE("memory store: updates") { check_update(MemoryFixture()); }
TEST_CASE("memory store: summaries") { check_summaries(MemoryFixture()); }
TEST_CASE("memory store: removals") { check_remove(MemoryFixture()); }
TEST_CASE("memory store: batches are atomic") { check_atomic(MemoryFixture()); }
TEST_CASE("memory store: body files") { check_files(MemoryFixture()); }
TEST_CASE("memory store: messages set aside") { check_set_aside(MemoryFixture()); }
TEST_CASE("memory store: readers stand alone") { check_reader_outlives_message(MemoryFixture()); }
TEST_CASE("memory store: full") { check_full(MemoryFixture()); }
