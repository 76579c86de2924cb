// A record of the queue as a damaged disk gives it back: refused, or one that is written the same.
// Input: the record, with its checksum or without it.
#include "spool/checksum.hpp"
#include "spool/queue_item.hpp"

#include <fmt/format.h>

#include <string>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

void check(std::string_view record) {
    auto const item = spool::decode(record);
    if (!item) return;
    auto const again = spool::decode(spool::encode(*item));
    demand(again.has_value(), "what was read can be written");
    demand(*again == *item, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const record(fuzz::Input(data, size).rest());
    check(record);
    check(record + fmt::format("checksum: {:08x}\n", spool::crc32c(record)));
    return 0;
}
