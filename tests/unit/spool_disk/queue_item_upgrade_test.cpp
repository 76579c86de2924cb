// Records that earlier versions wrote, octet by octet: they must stay readable for ever.
#include "spool/disk/lmdb.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "spool/queue_item.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;

namespace {

constexpr std::string_view version_1 = R"(splitmx-item: 1
id: 0000000007
arrived: 1767225600000000000
from-local: "sender x"
from-domain: example.com
size: 1234
body: 8bit
smtputf8: yes
place: file
body-checksum: 4275878552
client: mx[1].example[2001:db8::7]
helo: mx[1].example
report: no
warned: yes
held: by \x5Croot
recipient: ann@notes.example
original: ann@example.com
hop: host:notes
kind: custom_recipient
entry: cn=Ann,o=example
state: failed
attempts: 7
next-attempt: 1767225605000000000
status-code: 450
status-subject: 2
status-detail: 1
status-text: line one\x0Aline two
last-host: mx.notes.example[192.0.2.7]
recipient: bob@other.example
original: bob@other.example
hop: mx:other.example
kind: relay
entry: 
state: pending
attempts: 0
next-attempt: 1767225600000000000
last-host: 
checksum: d25d7f4d
)";

constexpr std::string_view version_2 = R"(splitmx-item: 2
id: 0000000007
arrived: 1767225600000000000
from-local: "sender x"
from-domain: example.com
size: 1234
body: 8bit
smtputf8: yes
place: file
body-checksum: 4275878552
client: mx[1].example[2001:db8::7]
client-address: 2001:db8::7
local-address: 198.51.100.25
listener: main
identity: ann
helo: mx[1].example
report: no
warned: yes
held: by \x5Croot
recipient: ann@notes.example
original: ann@example.com
hop: host:notes
kind: custom_recipient
entry: cn=Ann,o=example
expanded: no
state: failed
attempts: 7
next-attempt: 1767225605000000000
status-code: 450
status-subject: 2
status-detail: 1
status-text: line one\x0Aline two
last-host: mx.notes.example[192.0.2.7]
recipient: bob@other.example
original: bob@other.example
hop: mx:other.example
kind: relay
entry: 
expanded: yes
state: pending
attempts: 0
next-attempt: 1767225600000000000
last-host: 
checksum: 87e608ba
)";

QueueItem version_1_item() {
    QueueItem item;
    item.id = SpoolId(7);
    item.arrived = at(std::chrono::seconds{0});
    item.from = mail::ReversePath::parse("<\"sender x\"@example.com>").value();
    item.size = 1234;
    item.body_kind = BodyKind::eight_bit;
    item.smtputf8 = true;
    item.body_place = BodyPlace::file;
    item.checksum = 4275878552;
    item.client = "mx[1].example[2001:db8::7]";
    item.client_address = mail::IpAddress::parse("2001:db8::7").value();
    item.helo = "mx[1].example";
    item.warning_sent = true;
    item.held = "by \\root";
    QueuedRecipient ann;
    ann.rcpt = "ann@notes.example";
    ann.original = "ann@example.com";
    ann.hop = "host:notes";
    ann.kind = "custom_recipient";
    ann.entry = "cn=Ann,o=example";
    ann.expanded = true;  // not known, so never decided again
    ann.state = RecipientState::failed;
    ann.attempts = 7;
    ann.next_attempt = at(std::chrono::seconds{5});
    ann.last_status = mail::Status(450, {2, 1}, "line one\nline two");
    ann.last_host = "mx.notes.example[192.0.2.7]";
    QueuedRecipient bob;
    bob.rcpt = "bob@other.example";
    bob.original = "bob@other.example";
    bob.hop = "mx:other.example";
    bob.kind = "relay";
    bob.expanded = true;
    bob.next_attempt = at(std::chrono::seconds{0});
    item.recipients = {ann, bob};
    return item;
}

// Version 2 had nothing of RFC 3461, and did not look at the octets of the content.
QueueItem version_2_item() {
    auto item = version_1_item();
    item.local_address = mail::IpAddress::parse("198.51.100.25").value();
    item.listener = "main";
    item.identity = "ann";
    item.recipients[0].expanded = false;
    return item;
}

// A spool as an older program left it: no database that came later.
void make_old_spool(std::string const& path, std::string_view format, std::string_view record) {
    REQUIRE(PosixFileSystem().make_directory(path));
    MDB_env* made = nullptr;
    REQUIRE(mdb_env_create(&made) == MDB_SUCCESS);
    std::unique_ptr<MDB_env, CloseEnvironment> const environment(made);
    REQUIRE(mdb_env_set_maxdbs(made, 3) == MDB_SUCCESS);
    REQUIRE(mdb_env_open(made, path.c_str(), MDB_NOTLS, 0600) == MDB_SUCCESS);
    auto transaction = Transaction::begin(made, Transaction::Kind::write).value();
    auto const put = [&](char const* name, MDB_val key, std::string_view octets) {
        MDB_dbi database = 0;
        REQUIRE(mdb_dbi_open(transaction.get(), name, MDB_CREATE, &database) == MDB_SUCCESS);
        MDB_val value = to_value(octets);
        REQUIRE(mdb_put(transaction.get(), database, &key, &value, 0) == MDB_SUCCESS);
    };
    Key const seven(SpoolId(7));
    put("meta", to_value("format"), format);
    put("meta", to_value(meta_last_id), view_of(seven.value()));
    put("envelope", seven.value(), record);
    put("body", seven.value(), "seven");
    REQUIRE(transaction.commit() == MDB_SUCCESS);
}

}  // namespace

TEST_CASE("queue item: a record of version 1") {
    CHECK(decode(version_1).value() == version_1_item());
    SECTION("comes back from the present version, unchanged") {
        auto const record = encode(decode(version_1).value());
        CHECK(record.starts_with("splitmx-item: 3\n"));
        CHECK(decode(record).value() == version_1_item());
    }
    SECTION("has a summary") {
        SummaryReader reader;
        auto const summary = reader.read(version_1);
        REQUIRE(summary);
        CHECK((*summary)->sender == "\"sender x\"@example.com");
        REQUIRE((*summary)->pending.size() == 1);
        CHECK((*summary)->pending[0].hop == "mx:other.example");
    }
}

TEST_CASE("queue item: a record of version 2") {
    CHECK(decode(version_2).value() == version_2_item());
    auto const record = encode(decode(version_2).value());
    CHECK(record.starts_with("splitmx-item: 3\n"));
    CHECK(decode(record).value() == version_2_item());
    SummaryReader reader;
    auto const summary = reader.read(version_2);
    REQUIRE(summary);
    CHECK((*summary)->pending.size() == 1);
}

TEST_CASE("lmdb store: an older spool opens, and is one of the present format then") {
    struct Row {
        std::string_view format;
        std::string_view record;
        QueueItem item;
    };
    Row const row = GENERATE(
        Row{"splitmx-spool 1", version_1, version_1_item()},
        Row{"splitmx-spool 2", version_2, version_2_item()}
    );
    support::TemporaryDirectory directory;
    auto const path = directory.file("spool");
    make_old_spool(path, row.format, row.record);
    LmdbStore::Options options;
    options.map_size = 2 << 20;
    options.disk_reserve = 0;
    for (int start = 1; start <= 2; ++start) {
        auto const store = LmdbStore::open(path, options).value();
        CHECK(store->last_id() == SpoolId(7));
        auto item = store->read(SpoolId(7)).value();
        CHECK(item == row.item);
        REQUIRE(store->apply(one(Update{item})));
        CHECK(store->read(SpoolId(7)).value() == row.item);
    }
    auto const database = Database::open(path, 2 << 20).value();
    auto const transaction =
        Transaction::begin(database.environment.get(), Transaction::Kind::read).value();
    MDB_val key = to_value("format");
    MDB_val found{};
    REQUIRE(mdb_get(transaction.get(), database.meta, &key, &found) == MDB_SUCCESS);
    CHECK(view_of(found) == "splitmx-spool 4");
}
