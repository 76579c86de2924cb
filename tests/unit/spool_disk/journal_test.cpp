// The journal on its own: its frames, its file, and what is left of it after damage.
#include "spool/disk/journal.hpp"

#include "tests/support/faulty_file_system.hpp"
#include "tests/support/result_text.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <random>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::TemporaryDirectory;

namespace {

constexpr std::size_t block = BlockBuffer::block;
constexpr std::uint64_t nonce = 0x1234567890abcdef;

JournalEntry new_one(std::uint64_t id, std::string record, std::string body) {
    auto octets = std::make_shared<std::string const>(std::move(body));
    StoredMessage message{std::move(record), std::move(octets)};
    return {SpoolId(id), std::make_shared<StoredMessage const>(std::move(message))};
}

JournalEntry removed(std::uint64_t id) { return {SpoolId(id), nullptr}; }

// "+1 record/body -2 "
std::string text_of(JournalEntries const& entries) {
    std::string text;
    for (auto const& entry : entries) {
        text += (entry.message ? "+" : "-") + std::to_string(entry.id.value()) + " ";
        if (entry.message) text += entry.message->record + "/" + *entry.message->body + " ";
    }
    return text;
}

std::string frame_of(JournalEntries const& entries, std::uint64_t number = 1) {
    BlockBuffer buffer;
    write_frame(buffer, nonce, number, entries);
    return std::string(buffer.octets());
}

std::string contents(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(std::string const& path, std::size_t offset, std::string const& octets) {
    std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    out << octets;
}

// A journal with three frames: of a block, of two, of a block.
JournalMark make(TemporaryDirectory const& directory) {
    PosixFileSystem files;
    Journal journal(files, directory.file("journal"), 16 * block);
    journal.prepare();
    REQUIRE(journal.is_prepared());
    auto const mark = journal.mark();
    journal.moved();
    REQUIRE(journal.is_open());
    CHECK_FALSE(journal.is_ahead());
    REQUIRE(journal.append({new_one(1, "one", "1")}));
    REQUIRE(journal.append({new_one(2, "two", std::string(block, '2'))}));
    REQUIRE(journal.append({removed(1), new_one(3, "three", "3")}));
    CHECK(journal.is_ahead());
    return mark;
}

struct Content : JournalContent {
    JournalEntries entries;
};

Content content_of(TemporaryDirectory const& directory, JournalMark const& mark) {
    PosixFileSystem files;
    Content content;
    auto const take = [&](JournalEntries const& entries) {
        content.entries.insert(content.entries.end(), entries.begin(), entries.end());
        return Result<void>();
    };
    static_cast<JournalContent&>(content) =
        Journal::read(files, directory.file("journal"), mark, take).value();
    return content;
}

}  // namespace

TEST_CASE("journal frame: what is written is read") {
    JournalEntries const entries{
        new_one(7, "record", "body\r\n"),
        removed(3),
        new_one(8, "", ""),
        new_one(9, std::string(5000, 'r'), std::string(70'000, 'b'))};
    auto const octets = frame_of(entries, 12);
    CHECK(octets.size() % block == 0);
    CHECK(octets.size() == frame_octets(entries));
    auto const frame = read_frame(octets + "whatever follows", nonce);
    REQUIRE(frame);
    CHECK(frame->number == 12);
    CHECK(frame->octets == octets.size());
    CHECK((text_of(frame->entries) == text_of(entries)));
    CHECK_FALSE(read_frame(octets, nonce + 1));
}

TEST_CASE("journal frame: one that is cut off or changed anywhere is none") {
    auto const octets = frame_of({new_one(7, "record", "body\r\n"), removed(3)});
    // A head, two entries with theirs, and 12 octets of record and body.
    constexpr std::size_t used = 44 + 2 * 17 + 12;
    for (std::size_t size = 0; size < used; ++size) {
        INFO(size);
        CHECK_FALSE(read_frame(std::string_view(octets).substr(0, size), nonce));
    }
    std::size_t whole = 0;
    for (std::size_t at = 0; at < octets.size(); ++at) {
        auto changed = octets;
        changed[at] ^= 1;
        if (read_frame(changed, nonce)) ++whole;
    }
    // Only what fills up the block does not count.
    CHECK(whole == octets.size() - used);
}

TEST_CASE("journal frame: random octets are none") {
    std::minstd_rand random(1);
    for (int i = 0; i < 2000; ++i) {
        auto octets = frame_of({new_one(7, "record", "body")});
        for (int changes = 0; changes < 4; ++changes) {
            octets[random() % 100] = static_cast<char>(random());
        }
        auto const frame = read_frame(octets, nonce);
        if (frame) CHECK(text_of(frame->entries) == "+7 record/body ");
    }
}

TEST_CASE("journal: what was appended behind the mark is there, in order") {
    TemporaryDirectory const directory;
    auto const mark = make(directory);
    auto const content = content_of(directory, mark);
    CHECK((
        text_of(content.entries) == "+1 one/1 +2 two/" + std::string(block, '2') + " -1 +3 three/3 "
    ));
    CHECK(content.last == 3);
    CHECK(content.end == 4 * block);
    CHECK(content.lost == 0);
    CHECK(text_of(content_of(directory, {mark.nonce, 2}).entries) == "-1 +3 three/3 ");
    CHECK(content_of(directory, {mark.nonce, 3}).entries.empty());
    CHECK(content_of(directory, {mark.nonce + 1, 0}).entries.empty());
}

TEST_CASE("journal: goes on behind what is there, and from the beginning after a move") {
    TemporaryDirectory const directory;
    auto const mark = make(directory);
    PosixFileSystem files;
    Journal journal(files, directory.file("journal"), 16 * block);
    REQUIRE(journal.resume(mark, [](auto const&) { return Result<void>(); }));
    REQUIRE(journal.append({removed(3)}));
    CHECK(content_of(directory, mark).last == 4);
    auto const moved = journal.mark();
    journal.moved();
    CHECK(content_of(directory, moved).entries.empty());
    REQUIRE(journal.append({new_one(5, "five", "5")}));
    auto const content = content_of(directory, moved);
    CHECK(text_of(content.entries) == "+5 five/5 ");
    CHECK(content.end == block);
    CHECK(content.lost == 0);
}

TEST_CASE("journal: has room for so much, and for no batch that would fill it") {
    TemporaryDirectory const directory;
    PosixFileSystem files;
    Journal journal(files, directory.file("journal"), 16 * block);
    journal.prepare();
    journal.moved();
    CHECK(journal.has_room(4 * block));
    CHECK_FALSE(journal.has_room(5 * block));
    for (int i = 0; i < 15; ++i) REQUIRE(journal.append({removed(1)}));
    CHECK(journal.has_room(block));
    CHECK_FALSE(journal.has_room(2 * block));
}

TEST_CASE("journal: a damaged write is told, and those behind it still count") {
    TemporaryDirectory const directory;
    auto const mark = make(directory);
    SECTION("in the middle") {
        overwrite(directory.file("journal"), block + 100, "damage");
        auto const content = content_of(directory, mark);
        CHECK(text_of(content.entries) == "+1 one/1 -1 +3 three/3 ");
        CHECK(content.lost == 1);
    }
    SECTION("at the end it is one that was never acknowledged") {
        overwrite(directory.file("journal"), 3 * block + 50, "damage");
        auto const content = content_of(directory, mark);
        CHECK(content.last == 2);
        CHECK(content.lost == 0);
    }
}

TEST_CASE("journal: what does not fit into one look is read as well") {
    TemporaryDirectory const directory;
    PosixFileSystem files;
    Journal journal(files, directory.file("journal"), 10 * largest_frame);
    journal.prepare();
    auto const mark = journal.mark();
    journal.moved();
    // Frames of all lengths up to the largest one, so that ends of looks lie anywhere in them.
    std::string expected;
    std::uint64_t id = 1;
    for (auto size = largest_frame - block; journal.has_room(size + block); size -= 61'234) {
        REQUIRE(journal.append({new_one(id, "record", std::string(size, 'x'))}));
        expected += std::to_string(id++) + " ";
    }
    REQUIRE(id > 10);
    std::string found;
    auto const content =
        Journal::read(files, directory.file("journal"), mark, [&](JournalEntries const& entries) {
            found += std::to_string(entries.front().id.value()) + " ";
            return Result<void>();
        });
    CHECK(content.value().last == id - 1);
    CHECK(content.value().lost == 0);
    CHECK(found == expected);
    // A visitor ends it.
    auto const ended = Journal::read(files, directory.file("journal"), mark, [](auto const&) {
        return Result<void>(Error{Errc::damaged, "no"});
    });
    CHECK(ended.error().what == "no");
}

TEST_CASE("journal: after a failed write or sync it takes nothing more") {
    for (auto const* failing : {"write_at", "sync"}) {
        TemporaryDirectory const directory;
        support::FaultyFileSystem files;
        Journal journal(files, directory.file("journal"), 16 * block);
        journal.prepare();
        journal.moved();
        files.fail_at(std::string_view(failing) == "sync" ? 2 : 1);
        CHECK_FALSE(journal.append({removed(1)}));
        CHECK_FALSE(journal.is_open());
        CHECK(journal.has_failed());
        CHECK(journal.is_ahead());
        // The next mark covers it, whatever the disk has of it.
        auto const mark = journal.mark();
        CHECK(mark.number == 1);
        CHECK(content_of(directory, mark).entries.empty());
        journal.moved();
        CHECK_FALSE(journal.is_open());
    }
}

TEST_CASE("journal: where its file cannot be made there is none") {
    for (std::size_t n = 1; n <= 8; ++n) {
        TemporaryDirectory const directory;
        support::FaultyFileSystem files(n);
        Journal journal(files, directory.file("journal"), 16 * block);
        journal.prepare();
        INFO(files.names().back());
        bool const harmless = n <= 2;  // opening and removing what is not there
        CHECK(journal.is_prepared() == harmless);
        if (harmless) continue;
        files.fail_at(support::FaultyFileSystem::never);
        for (auto const& name : files.list(directory.file("")).value()) CHECK(name == "journal");
    }
}

TEST_CASE("journal: a file of another length is made anew") {
    TemporaryDirectory const directory;
    make(directory);
    PosixFileSystem files;
    Journal journal(files, directory.file("journal"), 8 * block);
    journal.prepare();
    REQUIRE(journal.is_prepared());
    CHECK(contents(directory.file("journal")) == std::string(8 * block, '\0'));
}

TEST_CASE("journal mark: as it is kept") {
    JournalMark const mark{0x0102030405060708, 77};
    CHECK(to_mark(to_octets(mark)) == mark);
    CHECK_FALSE(to_mark("short"));
}
