// Fills a spool with messages that wait, for bench/restart.py.
//
//     bench_fill DIRECTORY MESSAGES HOP [WAIT_SECONDS]
#include "spool/disk/lmdb_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

using namespace splitmx;

namespace {

spool::Put message(std::uint64_t number, std::string const& hop, std::chrono::seconds wait) {
    auto const now = std::chrono::system_clock::now();
    spool::QueueItem item;
    item.id = spool::SpoolId((std::uint64_t{1} << 46) + number);
    item.arrived = now;
    item.from = mail::ReversePath::parse(fmt::format("u{}@sender.example", number % 5000)).value();
    item.client = "mx.sender.example[192.0.2.1]";
    item.client_address = mail::IpAddress::parse("192.0.2.1").value();
    item.helo = "mx.sender.example";
    spool::QueuedRecipient recipient;
    recipient.original = "anna@adatum.com";
    recipient.rcpt = "anna@adatum.com";
    recipient.hop = hop;
    recipient.kind = "mailbox";
    recipient.entry = "uid=anna,o=adatum";
    recipient.next_attempt = now + wait;
    item.recipients.push_back(std::move(recipient));
    auto body = spool::Body::from_text(fmt::format("Subject: {}\r\n\r\n{:4000}\r\n", number, ""));
    item.checksum = body.checksum;
    return {std::move(item), std::move(body)};
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) return 64;
    auto const messages = std::strtoull(arguments[2], nullptr, 10);
    std::chrono::seconds const wait(count > 4 ? std::atol(arguments[4]) : 3600);
    auto store = spool::disk::LmdbStore::open(arguments[1], {});
    if (!store) {
        fmt::print(stderr, "{}\n", store.error().what);
        return 1;
    }
    for (std::uint64_t number = 1; number <= messages;) {
        spool::Changes changes;
        while (changes.size() < 5000 && number <= messages) {
            changes.emplace_back(message(number++, arguments[3], wait));
        }
        if (auto const done = (*store)->apply(changes); !done) {
            fmt::print(stderr, "{}\n", done.error().what);
            return 1;
        }
    }
    return 0;
}
