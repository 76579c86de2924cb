#include "spool/disk/journal_frame.hpp"

#include "spool/checksum.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace splitmx::spool::disk {

namespace {

// Mark, nonce, number, octets of the entries, how many; then the checksum of all but itself.
constexpr std::string_view mark = "SMXJRNL1";
constexpr std::size_t checked_head = mark.size() + 8 + 8 + 8 + 8;
constexpr std::size_t head_octets = checked_head + 4;
// Id, what it is, octets of the record, of the body.
constexpr std::size_t entry_head = 8 + 1 + 4 + 4;
constexpr char new_message = 'N';
constexpr char removed_message = 'R';

template <class Number>
std::string_view little_endian(Number number, char* octets) {
    for (std::size_t i = 0; i < sizeof number; ++i) {
        octets[i] = static_cast<char>(number >> (8 * i) & 0xff);
    }
    return {octets, sizeof number};
}

template <class Number>
void append(BlockBuffer& out, Number number) {
    char octets[sizeof number];
    out.append(little_endian(number, octets));
}

// Takes numbers and texts from the front of what is left; `bad` once there was too little.
struct FrameReader {
    std::string_view left;
    bool bad = false;

    std::string_view text(std::size_t size) {
        bad = bad || left.size() < size;
        if (bad) return {};
        auto const taken = left.substr(0, size);
        left.remove_prefix(size);
        return taken;
    }
    template <class Number>
    Number number() {
        Number value = 0;
        std::size_t at = 0;
        for (char const c : text(sizeof value)) {
            value |= static_cast<Number>(Number{static_cast<unsigned char>(c)} << (8 * at++));
        }
        return value;
    }
};

std::size_t content_octets(JournalEntries const& entries) {
    std::size_t sum = 0;
    for (auto const& entry : entries) {
        sum += entry_head;
        if (entry.message) sum += entry.message->record.size() + entry.message->body->size();
    }
    return sum;
}

JournalEntry read_entry(FrameReader& cursor) {
    JournalEntry entry{SpoolId(cursor.number<std::uint64_t>()), nullptr};
    auto const kind = cursor.text(1);
    auto const record = cursor.number<std::uint32_t>();
    auto const body = cursor.number<std::uint32_t>();
    StoredMessage message;
    message.record = cursor.text(record);
    message.body = std::make_shared<std::string const>(cursor.text(body));
    if (cursor.bad || kind.front() == removed_message) return entry;
    cursor.bad = kind.front() != new_message;
    entry.message = std::make_shared<StoredMessage const>(std::move(message));
    return entry;
}

std::uint32_t checksum_of(std::string_view head, std::string_view content) {
    Crc32c sum;
    sum.update(head);
    sum.update(content);
    return sum.value();
}

}  // namespace

void BlockBuffer::Free::operator()(char* memory) const { std::free(memory); }

void BlockBuffer::reserve(std::size_t octets) {
    if (octets <= capacity_) return;
    auto const blocks = (std::max(octets, 2 * capacity_) + block - 1) / block;
    std::unique_ptr<char, Free> larger(static_cast<char*>(std::aligned_alloc(block, blocks * block))
    );
    if (!larger) throw std::bad_alloc();
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = blocks * block;
}

void BlockBuffer::append(std::string_view octets) {
    if (octets.empty()) return;
    reserve(size_ + octets.size());
    std::memcpy(data_.get() + size_, octets.data(), octets.size());
    size_ += octets.size();
}

void BlockBuffer::fill_up() {
    auto const end = (size_ + block - 1) / block * block;
    reserve(end);
    if (end != size_) std::memset(data_.get() + size_, 0, end - size_);
    size_ = end;
}

void BlockBuffer::overwrite(std::size_t offset, std::string_view octets) {
    std::memcpy(data_.get() + offset, octets.data(), octets.size());
}

std::size_t frame_octets(JournalEntries const& entries) {
    auto const all = head_octets + content_octets(entries) + BlockBuffer::block - 1;
    return all / BlockBuffer::block * BlockBuffer::block;
}

void write_frame(
    BlockBuffer& out, std::uint64_t nonce, std::uint64_t number, JournalEntries const& entries
) {
    out.clear();
    out.append(mark);
    append(out, nonce);
    append(out, number);
    append(out, std::uint64_t{content_octets(entries)});
    append(out, std::uint64_t{entries.size()});
    append(out, std::uint32_t{0});
    for (auto const& entry : entries) {
        auto const* message = entry.message.get();
        append(out, entry.id.value());
        out.append({message ? &new_message : &removed_message, 1});
        append(out, static_cast<std::uint32_t>(message ? message->record.size() : 0));
        append(out, static_cast<std::uint32_t>(message ? message->body->size() : 0));
        if (message == nullptr) continue;
        out.append(message->record);
        out.append(*message->body);
    }
    auto const all = out.octets();
    char octets[4];
    auto const sum = checksum_of(all.substr(0, checked_head), all.substr(head_octets));
    out.overwrite(checked_head, little_endian(sum, octets));
    out.fill_up();
}

std::optional<JournalFrame> read_frame(std::string_view octets, std::uint64_t nonce) {
    FrameReader head{octets.substr(0, head_octets)};
    if (head.text(mark.size()) != mark || head.number<std::uint64_t>() != nonce) return {};
    JournalFrame frame;
    frame.number = head.number<std::uint64_t>();
    auto const size = head.number<std::uint64_t>();
    auto const count = head.number<std::uint64_t>();
    auto const sum = head.number<std::uint32_t>();
    if (head.bad || size > octets.size() - head_octets || count > size / entry_head) return {};
    auto const content = octets.substr(head_octets, size);
    if (checksum_of(octets.substr(0, checked_head), content) != sum) return {};
    FrameReader cursor{content};
    frame.entries.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) frame.entries.push_back(read_entry(cursor));
    if (cursor.bad || !cursor.left.empty()) return {};
    frame.octets =
        (head_octets + size + BlockBuffer::block - 1) / BlockBuffer::block * BlockBuffer::block;
    return frame;
}

}  // namespace splitmx::spool::disk
