// One write to the journal: the new messages and the removals of one batch, in whole blocks of the
// disk. It counts or it does not: a checksum covers all of it, so that a write which was cut off
// says nothing. The nonce is a secret of the file, so that no octets of a message can pass for a
// frame. Numbers go up by one from frame to frame. Pure; octets in little-endian order.
// Threads: any. Errors: what is no frame is none.
#pragma once

#include "spool/body.hpp"
#include "spool/queue_item.hpp"
#include "spool/spool_id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool::disk {

// A message as a store keeps it: encode() of queue_item.hpp, and its octets.
struct StoredMessage {
    std::string record;
    InlineBody body;
    std::optional<BodyFacts> facts{};  // where they are known without a look into the record
};

struct JournalEntry {
    SpoolId id;
    std::shared_ptr<StoredMessage const> message;  // as it is from now on; null: it is removed
};
using JournalEntries = std::vector<JournalEntry>;

// The octets of a frame in memory that begins and ends with a block, as writes past the page cache
// want it. Keeps its memory from frame to frame.
class BlockBuffer {
public:
    static constexpr std::size_t block = 4096;

    void clear() { size_ = 0; }
    void append(std::string_view octets);
    void fill_up();  // to a whole block, with zeros
    void overwrite(std::size_t offset, std::string_view octets);
    std::string_view octets() const { return {data_.get(), size_}; }

private:
    struct Free {
        void operator()(char* memory) const;
    };
    void reserve(std::size_t octets);

    std::unique_ptr<char, Free> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

struct JournalFrame {
    std::uint64_t number = 0;
    JournalEntries entries;
    std::size_t octets = 0;  // whole blocks
};

// Octets: a frame is made in memory.
inline constexpr std::size_t largest_frame = std::size_t{4} << 20;

// How many octets write_frame() makes of them.
std::size_t frame_octets(JournalEntries const& entries);
void write_frame(
    BlockBuffer& out, std::uint64_t nonce, std::uint64_t number, JournalEntries const& entries
);
// The frame that these octets begin with.
std::optional<JournalFrame> read_frame(std::string_view octets, std::uint64_t nonce);

}  // namespace splitmx::spool::disk
