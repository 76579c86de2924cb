// The disk under LMDB fails at each of its calls, and loses power after each of them. What was
// acknowledged is there, whole, and the spool opens.
#include "spool/disk/inspector.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "tests/support/disk_calls.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <random>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::TemporaryDirectory;
namespace disk_calls = support::disk;

namespace {

constexpr std::uint64_t map_size = 4 << 20;

LmdbStore::Options small(std::uint64_t journal = 256 << 10) {
    LmdbStore::Options options;
    options.map_size = map_size;
    options.disk_reserve = 0;
    options.journal = journal;
    return options;
}

std::string text_of(std::uint64_t id) {
    return "body " + std::to_string(id) + std::string(id % 4 * 3000, 'x');
}

// What its submitters know of the messages.
struct Known {
    std::map<std::uint64_t, bool> put;      // id -> acknowledged
    std::map<std::uint64_t, bool> removed;  // likewise
    std::map<std::uint64_t, bool> updated;

    std::map<std::uint64_t, bool>& of(char sign) {
        return sign == '+' ? put : sign == '-' ? removed : updated;
    }
};

// A morning in the life of a spool: one message at a time, several, changes, reports, removals.
class Life {
public:
    Life(LmdbStore& store, Known& known) : store_(store), known_(known) {}

    void run() {
        for (std::uint64_t id = 1; id <= 4; ++id) put({id});
        put({5, 6, 7, 8, 9, 10});
        update(2);
        remove(1);
        report(11, 3);
        Changes aside;
        aside.emplace_back(SetAside{SpoolId(4), at(std::chrono::seconds{60}), "why"});
        static_cast<void>(store_.apply(aside));
        for (std::uint64_t id = 12; id <= 15; ++id) {
            put({id});
            remove(id - 7);
        }
    }

private:
    void put(std::vector<std::uint64_t> const& ids) {
        Changes changes;
        for (auto const id : ids) {
            changes.push_back(sample_put(id, text_of(id)));
            known_.put[id] = false;
        }
        if (store_.apply(changes)) acknowledge('+', ids);
    }
    void update(std::uint64_t id) {
        known_.updated[id] = false;
        auto changed = sample_item(id);
        changed.recipients[0].last_status = mail::Status(450, {2, 0}, std::string(2000, 't'));
        if (store_.apply(one(Update{changed}))) acknowledge('~', {id});
    }
    void remove(std::uint64_t id) {
        known_.removed[id] = false;
        if (store_.apply(one(Remove{SpoolId(id)}))) acknowledge('-', {id});
    }
    void report(std::uint64_t id, std::uint64_t about) {
        known_.put[id] = false;
        known_.removed[about] = false;
        auto const changes = batch_of(sample_put(id, text_of(id)), Remove{SpoolId(about)});
        if (!store_.apply(changes)) return;
        acknowledge('+', {id});
        acknowledge('-', {about});
    }
    void acknowledge(char sign, std::vector<std::uint64_t> const& ids) {
        std::string text;
        for (auto const id : ids) {
            known_.of(sign)[id] = true;
            text += sign + std::to_string(id) + " ";
        }
        disk_calls::mark(text);
    }

    LmdbStore& store_;
    Known& known_;
};

// Opens and looks. Empty: all is as it must be.
std::string fault_in(std::string const& path, Known const& known) {
    auto opened = LmdbStore::open(path, small());
    if (!opened) return opened.error().what;
    auto& store = **opened;
    auto const damaged = verify(store);
    if (!damaged) return damaged.error().what;
    if (!damaged->empty()) return damaged->front().error.what;
    std::map<std::uint64_t, QueueItem> there;
    auto const listed = store.for_each([&](SpoolId id, Result<QueueItem> const& item) {
        there.emplace(id.value(), item.value());
    });
    if (!listed) return listed.error().what;
    for (auto& [id, item] : there) {
        if (!known.put.contains(id)) return std::to_string(id) + " was never put";
        auto const updated = known.updated.find(id);
        bool const must_be_updated = updated != known.updated.end() && updated->second;
        if (must_be_updated && !item.recipients[0].last_status)
            return std::to_string(id) + " is old";
        auto text = body_of(store, id);
        if (!text || *text != text_of(id)) return std::to_string(id) + " is not whole";
    }
    auto const aside = damaged_in(store);
    for (auto const& [id, acknowledged] : known.put) {
        bool const set_aside = std::any_of(aside.begin(), aside.end(), [id = id](auto const& one) {
            return one.id == SpoolId(id);
        });
        if (there.contains(id) && set_aside) return std::to_string(id) + " is there twice";
        auto const removal = known.removed.find(id);
        bool const may_be_gone = !acknowledged || removal != known.removed.end();
        if (!there.contains(id) && !set_aside && !may_be_gone)
            return std::to_string(id) + " is lost";
        bool const must_be_gone = removal != known.removed.end() && removal->second;
        if (there.contains(id) && must_be_gone) return std::to_string(id) + " has come back";
    }
    if (!store.apply(one(sample_put(1000, "afterwards")))) return "takes no more mail";
    return {};
}

std::string const data_file = "data.mdb";
std::string const journal_file = "journal";

void write_file(std::string const& path, std::string const& octets) {
    std::ofstream(path, std::ios::binary) << octets;
}

// The octets of one file: those that are on the disk for certain, and the writes since then.
class Platter {
public:
    void take(disk_calls::Call const& call) {
        if (call.kind == disk_calls::Call::Kind::sync) {
            for (auto const& write : pending_) put(durable_, write, write.octets.size());
            pending_.clear();
        } else if (call.kind == disk_calls::Call::Kind::truncate) {
            durable_.resize(call.offset);  // of no consequence: LMDB only makes it longer
        } else if (call.durable) {
            put(durable_, call, call.octets.size());
        } else {
            pending_.push_back(call);
        }
    }

    // What a disk may hold that lost its power now.
    std::vector<std::string> after_power_loss(std::minstd_rand& random) const {
        std::vector<std::string> all{durable_};
        if (pending_.empty()) return all;
        auto whole = durable_;
        for (auto const& write : pending_) {
            // The last one that began is torn at each sector.
            for (std::size_t end = 512; end < write.octets.size(); end += 512) {
                if (&write != &pending_.back()) break;
                all.push_back(whole);
                put(all.back(), write, end);
            }
            put(whole, write, write.octets.size());
        }
        all.push_back(whole);
        // A disk writes in the order that it likes.
        for (int i = 0; i < 3; ++i) {
            all.push_back(durable_);
            for (auto const& write : pending_) {
                if (random() % 2 == 0) put(all.back(), write, write.octets.size());
            }
        }
        return all;
    }

private:
    static void put(std::string& octets, disk_calls::Call const& write, std::size_t size) {
        if (octets.size() < write.offset + size) octets.resize(write.offset + size);
        octets.replace(write.offset, size, write.octets, 0, size);
    }

    std::string durable_;
    std::vector<disk_calls::Call> pending_;
};

void learn(Known& known, std::string const& mark) {
    std::size_t at = 0;
    while (at < mark.size()) {
        auto const end = mark.find(' ', at);
        auto const id = std::stoull(mark.substr(at + 1, end - at - 1));
        known.of(mark[at])[id] = true;
        at = end + 1;
    }
}

}  // namespace

TEST_CASE("lmdb store on a failing disk: each call fails once, nothing acknowledged is lost") {
    auto const error = GENERATE(EIO, ENOSPC, EDQUOT, EROFS);
    // None; one that is full at times; a large one.
    std::uint64_t const journal = GENERATE(0, 32 << 10, 256 << 10);
    std::size_t failed = 0;
    for (std::size_t n = 1;; ++n) {
        TemporaryDirectory directory;
        auto const path = directory.file("spool");
        Known known;
        disk_calls::watch(path);
        disk_calls::fail_at(n, error);
        {
            auto store = LmdbStore::open(path, small(journal));
            if (store) Life(**store, known).run();
        }
        bool const all_called = disk_calls::calls() < n;
        disk_calls::watch({});
        INFO("call " << n << ", errno " << error << ", journal " << journal);
        CHECK(fault_in(path, known).empty());
        if (all_called) break;
        ++failed;
    }
    CHECK(failed > 40);
}

TEST_CASE("lmdb store on a dead disk: from some call on all of them fail") {
    // As above, but nothing works any more: what was acknowledged before is there.
    for (std::size_t n = 1; n < 60; n += 7) {
        TemporaryDirectory directory;
        auto const path = directory.file("spool");
        Known known;
        auto store = LmdbStore::open(path, small(0)).value();
        disk_calls::watch(path);
        disk_calls::fail_at(n, EIO);
        Life(*store, known).run();
        CHECK(disk_calls::calls() >= n);
        // Deliveries may go on, but no more mail is taken.
        CHECK_FALSE(store->apply(one(sample_put(500, "later"))));
        disk_calls::watch({});
        store.reset();
        CHECK(fault_in(path, known).empty());
    }
}

TEST_CASE("lmdb store: where the journal fails, mail goes on into the database") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto const error = GENERATE(EIO, ENOSPC, EDQUOT);
    auto const call = GENERATE(std::size_t{1}, std::size_t{2});  // the write, the sync
    Known known;
    std::vector<std::string> told;
    {
        auto options = small();
        options.no_journal = [&](Error const& failure) { told.push_back(failure.what); };
        auto const store = LmdbStore::open(path, options).value();
        REQUIRE(store->apply(one(sample_put(100, text_of(100)))));
        REQUIRE(store->apply(one(sample_put(101, text_of(101)))));
        known.put[100] = known.put[101] = true;
        CHECK_FALSE(store->usage().is_degraded);
        disk_calls::watch(path);
        disk_calls::fail_at(call, error);
        CHECK(store->apply(one(sample_put(102, text_of(102)))));
        CHECK(disk_calls::calls() > call);
        known.put[102] = true;
        CHECK(store->usage().is_degraded);
        // What has failed once is not asked again.
        disk_calls::start_recording();
        Life(*store, known).run();
        for (auto const& made : disk_calls::stop_recording()) {
            CHECK_FALSE(made.path == path + "/journal");
        }
        disk_calls::watch({});
    }
    CHECK(fault_in(path, known).empty());
    REQUIRE(told.size() == 1);
    CHECK(told.front().find(path + "/journal") != std::string::npos);
}

TEST_CASE("lmdb store on a disk that is read-only for a while: refused, and then it goes on") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto const store = LmdbStore::open(path, small()).value();
    REQUIRE(store->apply(one(sample_put(1, text_of(1)))));
    disk_calls::watch(path);
    disk_calls::fail_all(EROFS);
    for (std::uint64_t id = 2; id <= 4; ++id) {
        auto const refused = store->apply(one(sample_put(id, text_of(id))));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what.ends_with("Read-only file system"));
        CHECK_FALSE(store->apply(one(Remove{SpoolId(1)})));
    }
    CHECK(body_of(*store, 1).value() == text_of(1));
    disk_calls::watch({});
    CHECK(store->apply(one(sample_put(2, text_of(2)))));
    CHECK(store->apply(one(Remove{SpoolId(1)})));
    CHECK(store->usage().messages == 1);
    CHECK(body_of(*store, 2).value() == text_of(2));
}

TEST_CASE("lmdb store: a loss of power after each write loses nothing acknowledged") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    Known all;
    disk_calls::watch(path);
    disk_calls::start_recording();
    {
        auto const store = LmdbStore::open(path, small()).value();
        Life(*store, all).run();
    }
    auto const calls = disk_calls::stop_recording();
    disk_calls::watch({});
    REQUIRE(calls.size() > 50);

    std::map<std::string, Platter> platters;
    Known known;
    for (auto const& [id, acknowledged] : all.put) known.put[id] = false;
    for (auto const& [id, acknowledged] : all.removed) known.removed[id] = false;
    for (auto const& [id, acknowledged] : all.updated) known.updated[id] = false;
    std::minstd_rand random(1);
    std::size_t tried = 0;
    std::size_t in_journal = 0;
    for (auto const& call : calls) {
        if (call.kind == disk_calls::Call::Kind::mark) {
            learn(known, call.octets);
        } else if (call.path != path) {
            // Its first name; it is whole before it gets its own.
            auto const name = call.path.substr(path.size() + 1);
            platters[name == "journal.new" ? journal_file : name].take(call);
            in_journal += name == journal_file ? 1 : 0;
        }
        for (auto const& data : platters[data_file].after_power_loss(random)) {
            for (auto const& journal : platters[journal_file].after_power_loss(random)) {
                TemporaryDirectory after;
                auto const spool = after.file("spool");
                REQUIRE(PosixFileSystem().make_directory(spool));
                write_file(spool + "/" + data_file, data);
                write_file(spool + "/" + journal_file, journal);
                INFO("after call " << &call - calls.data() << " of " << calls.size());
                CHECK(fault_in(spool, known).empty());
                ++tried;
            }
        }
    }
    CHECK(in_journal > 20);
    CHECK(tried > 200);
}
