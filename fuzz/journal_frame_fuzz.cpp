// A frame of the journal as a damaged disk gives it back: none, or one that is written the same.
// Input: octets of the disk; or, where an octet 'C' is in front, how many entries a frame says it has
// (8 octets) and what is in it, for which head and checksum are made here.
#include "spool/checksum.hpp"
#include "spool/disk/journal_frame.hpp"

#include <algorithm>
#include <string>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

// Those of the corpus have it, too.
constexpr std::uint64_t nonce = 0x3130'3938'3736'3534;

std::string number(std::uint64_t value, int octets) {
    std::string text;
    for (int i = 0; i < octets; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

std::string frame_of(std::string_view count, std::string_view content) {
    auto head = "SMXJRNL1" + number(nonce, 8) + number(1, 8) + number(content.size(), 8);
    head += count;
    spool::Crc32c sum;
    sum.update(head);
    sum.update(content);
    return head + number(sum.value(), 4) + std::string(content);
}

bool is_same(spool::disk::JournalEntry const& one, spool::disk::JournalEntry const& other) {
    if (one.id != other.id || !one.message != !other.message) return false;
    return !one.message || (one.message->record == other.message->record &&
                            *one.message->body == *other.message->body);
}

void check(std::string_view octets) {
    auto const frame = spool::disk::read_frame(octets, nonce);
    if (!frame) return;
    demand(frame->octets >= spool::disk::frame_octets(frame->entries), "it is no shorter than it says");
    spool::disk::BlockBuffer written;
    spool::disk::write_frame(written, nonce, frame->number, frame->entries);
    auto const again = spool::disk::read_frame(written.octets(), nonce);
    demand(again.has_value(), "what was read can be written");
    demand(
        std::equal(
            frame->entries.begin(), frame->entries.end(), again->entries.begin(),
            again->entries.end(), is_same
        ),
        "and is the same"
    );
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    check({reinterpret_cast<char const*>(data), size});
    fuzz::Input input(data, size);
    if (input.octet() != 'C') return 0;
    std::string count(input.octets(8));
    count.resize(8);
    check(frame_of(count, input.rest()));
    return 0;
}
