// Large bodies and a disk that fails, tears or forgets at each of its calls: a message is there
// once and whole, or its submitter saw no success.
#include "spool/disk/inspector.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/forgetful_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::FaultyFileSystem;
using support::ForgetfulFileSystem;
using support::TemporaryDirectory;

namespace {

LmdbStore::Options with(std::shared_ptr<FileSystem> files) {
    LmdbStore::Options options;
    options.map_size = 2 << 20;
    options.disk_reserve = 1;
    options.files = std::move(files);
    return options;
}

std::string text_of(std::uint64_t id) {
    std::string text;
    while (text.size() < 150'000) text += "line of " + std::to_string(id) + "\r\n";
    return text;
}

// What their submitters know.
struct Known {
    std::set<std::uint64_t> put;        // acknowledged
    std::set<std::uint64_t> removing;   // asked for
    std::set<std::uint64_t> removed;    // acknowledged
    std::set<std::uint64_t> set_aside;  // asked for
};

Result<void> put(LmdbStore& store, std::uint64_t id) {
    BodySink sink(store.bodies(), SpoolId(id), 1);
    auto const text = text_of(id);
    for (std::size_t at = 0; at < text.size(); at += 50'000) {
        if (auto done = sink.append(text.substr(at, 50'000)); !done) return done;
    }
    auto body = sink.finish();
    if (!body) return body.error();
    return store.apply(one(Put{sample_item(id), std::move(*body)}));
}

void live(LmdbStore& store, Known& known) {
    for (std::uint64_t id = 1; id <= 3; ++id) {
        if (put(store, id)) known.put.insert(id);
    }
    known.removing.insert(1);
    if (store.apply(one(Remove{SpoolId(1)}))) known.removed.insert(1);
    known.set_aside.insert(2);
    Changes aside;
    aside.emplace_back(SetAside{SpoolId(2), at(std::chrono::seconds{60}), "why"});
    static_cast<void>(store.apply(aside));
    if (put(store, 4)) known.put.insert(4);
    {
        // A client that goes away in the middle.
        BodySink half(store.bodies(), SpoolId(5), 1);
        static_cast<void>(half.append(text_of(5)));
    }
}

// Empty: all is as it must be.
std::string fault_in(LmdbStore& store, Known const& known) {
    auto const damaged = verify(store);
    if (!damaged) return damaged.error().what;
    if (!damaged->empty()) return damaged->front().error.what;
    std::set<std::uint64_t> there;
    std::string fault;
    auto const listed =
        store.for_each([&](SpoolId id, Result<QueueItem> const&) { there.insert(id.value()); });
    if (!listed) return listed.error().what;
    std::set<std::uint64_t> aside;
    for (auto const& message : damaged_in(store)) {
        auto const id = message.id.value();
        aside.insert(id);
        auto reader = store.open_damaged_body(message.id);
        auto const text = reader ? drain(*reader) : Result<std::string>(reader.error());
        if (!text || *text != text_of(id)) return std::to_string(id) + " was set aside in part";
    }
    for (auto const id : there) {
        if (body_of(store, id).value() != text_of(id)) return std::to_string(id) + " is not whole";
        if (aside.contains(id)) return std::to_string(id) + " is there twice";
        if (known.removed.contains(id)) return std::to_string(id) + " has come back";
    }
    for (auto const id : known.put) {
        bool const is_here = there.contains(id) || aside.contains(id);
        if (!is_here && !known.removing.contains(id)) return std::to_string(id) + " is lost";
    }
    auto const files = store.bodies().files().list(store.bodies().path());
    if (!files) return files.error().what;
    if (files->size() != there.size()) return "a file without a message is still there";
    return {};
}

}  // namespace

TEST_CASE("body files: each call fails once, or tears its write; nothing acknowledged is lost") {
    auto const code = GENERATE(Errc::io, Errc::no_space);
    std::size_t failed = 0;
    for (std::size_t n = 1;; ++n) {
        TemporaryDirectory directory;
        auto const path = directory.file("spool");
        auto const files = std::make_shared<FaultyFileSystem>(FaultyFileSystem::never, code);
        Known known;
        bool all_called = false;
        {
            auto const store = LmdbStore::open(path, with(files)).value();
            files->fail_at(n);
            live(*store, known);
            all_called = files->calls() < n;
            files->fail_at(FaultyFileSystem::never);
        }
        auto const store = LmdbStore::open(path, with(nullptr)).value();
        INFO("call " << n << ": " << message(code));
        CHECK(fault_in(*store, known).empty());
        if (all_called) break;
        ++failed;
    }
    CHECK(failed > 30);
}

TEST_CASE("body files: a loss of power at each call loses nothing acknowledged") {
    std::size_t cut = 0;
    bool all_called = false;
    for (std::size_t n = 1; !all_called; ++n) {
        // Cut at another sector with each call: nothing of it, a part of one write, of several,
        // all.
        for (std::size_t const octets :
             {std::size_t{0}, 512 * (1 + n % 97), 65536 + 512 * (n % 89), std::size_t{200'000}}) {
            for (bool const names : {false, true}) {
                TemporaryDirectory directory;
                auto const path = directory.file("spool");
                auto const files = std::make_shared<ForgetfulFileSystem>();
                Known known;
                {
                    auto const store = LmdbStore::open(path, with(files)).value();
                    files->stop_at(n);
                    live(*store, known);
                    all_called = files->calls() < n;
                }
                files->power_loss({octets, names});
                auto const store = LmdbStore::open(path, with(files));
                INFO("call " << n << ", " << octets << " octets, names " << names);
                REQUIRE(store);
                CHECK(fault_in(**store, known).empty());
                ++cut;
            }
        }
    }
    CHECK(cut > 200);
}
