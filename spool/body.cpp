#include "spool/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::spool {

namespace {

Error wrong_checksum(std::uint32_t expected, std::uint32_t found) {
    return {
        Errc::damaged,
        fmt::format("body has checksum {:08x}, its record says {:08x}", found, expected)};
}

}  // namespace

Body Body::from_text(std::string text) {
    Body body;
    body.size = text.size();
    body.checksum = crc32c(text);
    body.octets = std::make_shared<std::string const>(std::move(text));
    return body;
}

BodySink::BodySink(BodyDirectory& directory, SpoolId id, std::size_t threshold)
    : directory_(directory), id_(id), threshold_(threshold) {}

Result<void> BodySink::append(std::string_view octets) {
    checksum_.update(octets);
    size_ += octets.size();
    if (writer_) return writer_->append(octets);
    if (size_ < threshold_) {
        memory_ += octets;
        return {};
    }
    auto writer = directory_.create(id_);
    if (!writer) return writer.error();
    writer_ = std::move(*writer);
    auto const first = std::exchange(memory_, {});
    if (auto written = writer_->append(first); !written) return written;
    return writer_->append(octets);
}

Result<Body> BodySink::finish() {
    Body body;
    body.size = size_;
    body.checksum = checksum_.value();
    if (!writer_) {
        body.octets = std::make_shared<std::string const>(std::move(memory_));
        return body;
    }
    auto file = writer_->finish();
    if (!file) return file.error();
    body.octets = std::move(*file);
    return body;
}

Result<BodyReader> BodyReader::from_memory(InlineBody octets, std::uint32_t checksum) {
    auto const found = crc32c(*octets);
    if (found != checksum) return wrong_checksum(checksum, found);
    BodyReader reader;
    reader.size_ = octets->size();
    reader.memory_ = std::move(octets);
    return reader;
}

Result<BodyReader> BodyReader::from_file(
    std::unique_ptr<File> file, std::uint64_t size, std::uint32_t checksum
) {
    auto const found = file->size();
    if (!found) return found.error();
    if (*found != size) {
        return Error{
            Errc::damaged, fmt::format("body has {} octets, its record says {}", *found, size)};
    }
    BodyReader reader;
    if (size == 0 && checksum != reader.checksum_.value()) {
        return wrong_checksum(checksum, reader.checksum_.value());
    }
    reader.file_ = std::move(file);
    reader.size_ = size;
    reader.expected_ = checksum;
    return reader;
}

BodyReader BodyReader::unchecked(InlineBody octets) {
    BodyReader reader;
    reader.size_ = octets->size();
    reader.memory_ = std::move(octets);
    return reader;
}

Result<BodyReader> BodyReader::unchecked(std::unique_ptr<File> file) {
    auto const size = file->size();
    if (!size) return size.error();
    BodyReader reader;
    reader.size_ = *size;
    reader.file_ = std::move(file);
    return reader;
}

Result<std::string_view> BodyReader::next() {
    if (failure_) return *failure_;
    auto const wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_octets, size_ - offset_));
    if (wanted == 0) return std::string_view();
    auto chunk = memory_ ? std::string_view(*memory_).substr(offset_, wanted) : read(wanted);
    if (!chunk) {
        failure_ = chunk.error();
        return chunk;
    }
    offset_ += wanted;
    return chunk;
}

Result<std::string_view> BodyReader::read(std::size_t wanted) {
    buffer_.resize(wanted);
    auto const got = file_->read_at(offset_, buffer_);
    if (!got) return got.error();
    if (*got != wanted) return Error{Errc::damaged, "body became shorter while it was read"};
    checksum_.update(buffer_);
    if (expected_ && offset_ + wanted == size_ && checksum_.value() != *expected_) {
        return wrong_checksum(*expected_, checksum_.value());
    }
    return std::string_view(buffer_);
}

}  // namespace splitmx::spool
