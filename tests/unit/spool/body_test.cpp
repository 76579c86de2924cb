#include "spool/body.hpp"

#include "tests/support/faulty_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

using namespace splitmx;
using namespace splitmx::spool;
using support::FaultyFileSystem;
using support::TemporaryDirectory;

namespace {

constexpr std::size_t threshold = 1000;
constexpr SpoolId id(42);

std::string sample_text(std::size_t size) {
    std::string text;
    while (text.size() < size) text += "line " + std::to_string(text.size()) + "\r\n";
    text.resize(size);
    return text;
}

struct Directory {
    TemporaryDirectory temporary;
    std::shared_ptr<FaultyFileSystem> files = std::make_shared<FaultyFileSystem>();
    std::unique_ptr<BodyDirectory> bodies =
        BodyDirectory::open(files, temporary.file("body")).value();

    std::vector<std::string> names() const {
        return PosixFileSystem().list(temporary.file("body")).value();
    }
    void write(std::string const& name, std::string const& octets) const {
        std::ofstream(temporary.file("body") + "/" + name, std::ios::binary) << octets;
    }
};

Result<Body> sink_all(BodyDirectory& bodies, std::string_view text, std::size_t piece) {
    BodySink sink(bodies, id, threshold);
    for (std::size_t i = 0; i < text.size(); i += piece) {
        if (auto done = sink.append(text.substr(i, piece)); !done) return done.error();
    }
    return sink.finish();
}

Result<std::string> read_back(BodyDirectory& bodies, Body const& body) {
    auto reader =
        body.is_file()
            ? BodyReader::from_file(bodies.open_file(id).value(), body.size, body.checksum)
            : BodyReader::from_memory(std::get<InlineBody>(body.octets), body.checksum);
    if (!reader) return reader.error();
    return drain(*reader);
}

}  // namespace

TEST_CASE("body: what goes in comes out, small in memory and large in a file") {
    Directory directory;
    auto const size =
        GENERATE(as<std::size_t>(), 0, 1, threshold - 1, threshold, 65535, 65536, 65537, 3'000'000);
    auto const piece = GENERATE(as<std::size_t>(), 100, 4096, 200'000);
    INFO(size << " in pieces of " << piece);
    auto const text = sample_text(size);
    auto const body = sink_all(*directory.bodies, text, piece);
    REQUIRE(body);
    CHECK(body->is_file() == (size >= threshold));
    CHECK(body->size == size);
    CHECK(body->checksum == crc32c(text));
    auto const back = read_back(*directory.bodies, *body);
    REQUIRE(back);
    CHECK((*back == text));
}

TEST_CASE("body: a file is there only while somebody wants it") {
    Directory directory;
    auto const text = sample_text(5000);
    SECTION("an abandoned sink") {
        {
            BodySink sink(*directory.bodies, id, threshold);
            REQUIRE(sink.append(text));
            CHECK(sink.is_file());
            CHECK(directory.names() == std::vector<std::string>{id.to_text() + ".tmp"});
        }
        CHECK(directory.names().empty());
    }
    SECTION("a body that no record names") {
        REQUIRE(sink_all(*directory.bodies, text, 100));
        CHECK(directory.names().empty());
    }
    SECTION("a kept one") {
        {
            auto const body = sink_all(*directory.bodies, text, 100).value();
            std::get<FileBody>(body.octets)->keep();
        }
        CHECK(directory.names() == std::vector<std::string>{id.to_text()});
    }
}

TEST_CASE("body: the order of becoming durable") {
    Directory directory;
    directory.files->fail_at(FaultyFileSystem::never);
    auto const before = directory.files->names().size();
    auto const body = sink_all(*directory.bodies, sample_text(5000), 5000);
    REQUIRE(body);
    auto const& names = directory.files->names();
    std::vector<std::string> const calls(
        names.begin() + static_cast<std::ptrdiff_t>(before), names.end()
    );
    CHECK(
        calls == std::vector<std::string>{"create", "append", "sync", "rename", "sync_directory"}
    );
}

TEST_CASE("body: every call that fails fails the body and leaves nothing behind") {
    auto const code = GENERATE(Errc::io, Errc::no_space);
    auto const text = sample_text(200'000);
    std::size_t const calls = [&] {
        Directory directory;
        directory.files->fail_at(FaultyFileSystem::never);
        REQUIRE(sink_all(*directory.bodies, text, 70'000));
        return directory.files->calls() - 1;  // without the removal
    }();
    REQUIRE(calls >= 6);
    for (std::size_t n = 1; n <= calls; ++n) {
        Directory directory;
        auto const files = std::make_shared<FaultyFileSystem>(FaultyFileSystem::never, code);
        auto const bodies = BodyDirectory::open(files, directory.temporary.file("body")).value();
        files->fail_at(n);
        INFO("call " << n << ": " << message(code));
        CHECK(failed_with(sink_all(*bodies, text, 70'000), code));
        CHECK(directory.names().empty());
    }
}

TEST_CASE("body: new files leave the reserve of the disk alone") {
    TemporaryDirectory temporary;
    auto const files = std::make_shared<PosixFileSystem>();
    auto const bodies =
        BodyDirectory::open(files, temporary.file("body"), std::uint64_t{1} << 60).value();
    CHECK(failed_with(sink_all(*bodies, sample_text(5000), 5000), Errc::no_space));
}

TEST_CASE("body: the sweep removes what no record names, and nothing else") {
    Directory directory;
    SpoolId const known(1);
    SpoolId const orphan(2);
    directory.write(known.to_text(), "kept");
    directory.write(orphan.to_text(), "orphan");
    directory.write(known.to_text() + ".tmp", "half");
    directory.write("README", "by the administrator");
    directory.write("README.tmp", "too");
    auto const swept = directory.bodies->sweep([&](SpoolId one) {
        return one == known ? BodyDirectory::Fate::keep : BodyDirectory::Fate::remove;
    });
    REQUIRE(swept);
    CHECK(*swept == 2);
    auto names = directory.names();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{known.to_text(), "README", "README.tmp"});
}

TEST_CASE("body: the sweep reports what fails") {
    Directory directory;
    directory.write(SpoolId(2).to_text(), "orphan");
    auto const n = GENERATE(as<std::size_t>(), 1, 2);  // list, remove
    directory.files->fail_at(n);
    CHECK(failed_with(
        directory.bodies->sweep([](SpoolId) { return BodyDirectory::Fate::remove; }), Errc::io
    ));
}

TEST_CASE("body: removing a file that is not there is fine, a failing removal is not") {
    Directory directory;
    CHECK(directory.bodies->remove(id));
    directory.write(id.to_text(), "x");
    directory.files->fail_at(1);
    CHECK(failed_with(directory.bodies->remove(id), Errc::io));
}

TEST_CASE("body: damage in memory shows before any octet") {
    auto const octets = std::make_shared<std::string const>("changed");
    CHECK(failed_with(BodyReader::from_memory(octets, crc32c("original")), Errc::damaged));
}

TEST_CASE("body: damage in a file never gives the last chunk") {
    Directory directory;
    auto const text = sample_text(200'000);
    auto open = [&](std::string const& octets) {
        directory.write(id.to_text(), octets);
        return BodyReader::from_file(
            directory.bodies->open_file(id).value(), text.size(), crc32c(text)
        );
    };
    SECTION("a flipped bit anywhere") {
        auto const where = GENERATE(as<std::size_t>(), 0, 100'000, 199'999);
        auto flipped = text;
        flipped[where] = static_cast<char>(flipped[where] ^ 4);
        auto reader = open(flipped);
        REQUIRE(reader);
        std::size_t given = 0;
        auto chunk = reader->next();
        for (; chunk && !chunk->empty(); chunk = reader->next()) given += chunk->size();
        CHECK(failed_with(chunk, Errc::damaged));
        CHECK(given < text.size());
        CHECK(failed_with(reader->next(), Errc::damaged));  // still
    }
    SECTION("another length") {
        CHECK(failed_with(open(text.substr(1)), Errc::damaged));
        CHECK(failed_with(open(text + "x"), Errc::damaged));
        CHECK(failed_with(open(""), Errc::damaged));
    }
    SECTION("cut while it is read") {
        auto reader = open(text);
        REQUIRE(reader);
        REQUIRE(reader->next());
        directory.write(id.to_text(), text.substr(0, 70'000));
        CHECK(failed_with(drain(*reader), Errc::damaged));
    }
    SECTION("the disk fails") {
        auto reader = open(text);
        REQUIRE(reader);
        directory.files->fail_at(2);
        CHECK(failed_with(drain(*reader), Errc::io));
    }
}

TEST_CASE("body: an empty file has a checksum too") {
    Directory directory;
    directory.write(id.to_text(), "");
    auto open = [&](std::uint32_t sum) {
        return BodyReader::from_file(directory.bodies->open_file(id).value(), 0, sum);
    };
    CHECK(open(0));
    CHECK(failed_with(open(1), Errc::damaged));
}
