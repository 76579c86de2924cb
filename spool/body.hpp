// The octets of a message on their way into the spool and out of it.
// In: a session appends to a BodySink as data arrives. Small bodies stay in memory and become
// durable with their record; from `threshold` octets on they go to a file. Out: a BodyReader gives
// chunks and checks size and checksum. It gives the last chunk only when all octets were right, so
// whoever ends a message after the reader's end never sends a damaged one.
// Ownership: a sink that is dropped leaves nothing behind; a reader holds no transaction of the
// store. Threads: one at a time each; not tied to one. Errors: no_space, io; damaged when reading.
#pragma once

#include "spool/body_file.hpp"
#include "spool/checksum.hpp"
#include "spool/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace splitmx::spool {

using InlineBody = std::shared_ptr<std::string const>;
using FileBody = std::shared_ptr<FinishedFile const>;

// A whole body, ready for a Put. A file is durable already and has the message's id.
struct Body {
    std::variant<InlineBody, FileBody> octets;
    std::uint64_t size = 0;
    std::uint32_t checksum = 0;  // CRC32C

    static Body from_text(std::string text);  // in memory, for reports made here
    bool is_file() const { return std::holds_alternative<FileBody>(octets); }
};

class BodySink {
public:
    // `directory` outlives the sink and its Body.
    BodySink(BodyDirectory& directory, SpoolId id, std::size_t threshold);

    // After an error only the destructor makes sense.
    Result<void> append(std::string_view octets);
    std::uint64_t size() const { return size_; }
    // True: finish() waits for the disk.
    bool is_file() const { return writer_ != nullptr; }
    Result<Body> finish();

private:
    BodyDirectory& directory_;
    SpoolId id_;
    std::size_t threshold_;
    std::string memory_;
    std::unique_ptr<BodyWriter> writer_;
    std::uint64_t size_ = 0;
    Crc32c checksum_;
};

class BodyReader {
public:
    static constexpr std::size_t chunk_octets = 64 * 1024;

    // Checks the whole body at once: damage shows here.
    static Result<BodyReader> from_memory(InlineBody octets, std::uint32_t checksum);
    // Checks the length here, the checksum before the last chunk.
    static Result<BodyReader> from_file(
        std::unique_ptr<File> file, std::uint64_t size, std::uint32_t checksum
    );

    // Octets of which it is known that they are damaged, as they are.
    static BodyReader unchecked(InlineBody octets);
    static Result<BodyReader> unchecked(std::unique_ptr<File> file);

    // At most chunk_octets, valid until the next call; empty: that was all.
    Result<std::string_view> next();
    // All was given, and was right: next() has nothing more.
    bool at_end() const { return offset_ == size_ && !failure_; }
    std::uint64_t size() const { return size_; }

private:
    BodyReader() = default;
    Result<std::string_view> read(std::size_t wanted);

    InlineBody memory_;
    std::unique_ptr<File> file_;
    std::string buffer_;
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0;
    std::optional<std::uint32_t> expected_;  // none: nothing is checked
    Crc32c checksum_;
    std::optional<Error> failure_;  // stays: no call after a failure may look like the end
};

}  // namespace splitmx::spool
