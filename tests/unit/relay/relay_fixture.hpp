// A relay without listeners: all its parts, two loops, a spool of its own, and one next hop on
// loopback, at a port that the test may or may not serve.
#pragma once

#include "config/machine.hpp"
#include "config/read.hpp"
#include "relay/live_feed.hpp"
#include "relay/meters.hpp"
#include "relay/queue_desk.hpp"
#include "relay/worker.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/post.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <unordered_set>

namespace splitmx::relay::test {

class RelayFixture {
public:
    // The spool of an earlier life may be in `directory`.
    RelayFixture(std::filesystem::path const& directory, std::uint16_t port)
        : directory_(directory), config_(configure(port)) {
        observe::LogSettings log;
        log.file = directory_ / "log";
        log_ = std::move(observe::Log::open(std::move(log)).value());
        store_ = std::move(spool::disk::LmdbStore::open(directory_ / "spool", {}).value());
        ids_.emplace(store_->last_id());
        spool_.emplace(*store_);
        dns_.emplace(std::move(
            dns::Resolver::create(main_.get_executor(), dns_settings(config_.dns)).value()
        ));
        directory_service_ = std::move(directory::DirectoryService::start(config_, {}).value());
        logins_.emplace(*log_);
        present_.set(make_settings(config_, *directory_service_, *dns_, generation_));
        parts_.reset(new Parts{
            present_, certificates_, *store_, store_->bodies(), *spool_, *ids_, admission_, rates_, *log_, live_, meters_, hosts_, notices_, *logins_, disk_, {}});
        for (int i = 0; i < 2; ++i) workers_.push_back(std::make_unique<Worker>(*parts_));
        desk_ = std::make_unique<QueueDesk>(*parts_, workers());
        REQUIRE(desk_->restore_pauses().has_value());
        for (auto& worker : workers_) worker->start();
    }
    ~RelayFixture() {
        for (auto& worker : workers_) {
            boost::asio::post(worker->loop(), [raw = worker.get()] { raw->stop(); });
        }
        for (auto& worker : workers_) worker->join();
        logins_->stop();
        disk_.join();
        directory_service_.reset();
        earlier_directory_.reset();
        spool_->stop();
        workers_.clear();
    }
    RelayFixture(RelayFixture const&) = delete;
    RelayFixture& operator=(RelayFixture const&) = delete;

    QueueDesk& desk() { return *desk_; }
    std::vector<Worker*> workers() { return {workers_[0].get(), workers_[1].get()}; }
    spool::disk::LmdbStore& store() { return *store_; }

    // As an inbound session does it.
    spool::SpoolId submit(
        std::string const& hop = "host:mailboxes", std::vector<std::string> const& more = {}
    ) {
        auto message = std::make_shared<Message>();
        auto& item = message->item;
        item.id = ids_->next(std::chrono::system_clock::now());
        item.arrived = std::chrono::system_clock::now();
        item.from = mail::ReversePath::parse("ann@sender.example").value();
        item.client = "mx.sender.example[192.0.2.1]";
        spool::QueuedRecipient recipient;
        recipient.original = "anna@adatum.com";
        recipient.rcpt = "anna@adatum.com";
        recipient.hop = hop;
        recipient.next_attempt = item.arrived;
        item.recipients.push_back(recipient);
        for (auto const& address : more) {
            recipient.original = recipient.rcpt = address;
            item.recipients.push_back(recipient);
        }
        auto body = spool::Body::from_text("Subject: test\r\n\r\ntest\r\n");
        message->generation = 1;
        spool::Changes changes;
        changes.emplace_back(spool::Put(item, std::move(body)));
        REQUIRE(store_->apply(changes).has_value());
        auto const id = item.id;
        auto* worker = workers_[id.value() % 2].get();
        boost::asio::post(worker->loop(), [worker, message] {
            worker->dispatcher().take(message);
        });
        return id;
    }

    // Her mailbox is on another host now, and every loop hears of it; the configuration stays.
    void move_anna(std::string const& host) {
        write_people(fmt::format("splitmxMailHost: {}\n", host));
        earlier_directory_ = std::move(directory_service_);
        directory_service_ = std::move(directory::DirectoryService::start(config_, {}).value());
        present_.set(make_settings(config_, *directory_service_, *dns_, generation_));
        auto const keys = std::make_shared<std::unordered_set<std::string>>();
        keys->insert(mail::Mailbox::parse("anna@adatum.com").value().key());
        for (auto& worker : workers_) {
            boost::asio::post(worker->loop(), [raw = worker.get(), keys] {
                raw->dispatcher().people_changed(keys);
            });
        }
    }

    // The same configuration, read once more.
    void reload() {
        present_.set(make_settings(config_, *directory_service_, *dns_, ++generation_));
        for (auto& worker : workers_) {
            boost::asio::post(worker->loop(), [raw = worker.get()] {
                raw->dispatcher().settings_changed();
            });
        }
    }

    OperationResult operate(spool::SpoolId id, QueueOperation operation) {
        return wait<OperationAnswer>([&](auto done) { desk_->apply(id, operation, done); }).result;
    }
    QueueSnapshot snapshot() {
        return wait<QueueSnapshot>([&](auto done) { desk_->snapshot(done); });
    }
    HostChange pause(std::string const& name, std::string const& reason) {
        return wait<HostAnswer>([&](auto done) { desk_->pause_host(name, reason, done); }).result;
    }
    HostChange resume(std::string const& name) {
        return wait<HostAnswer>([&](auto done) { desk_->resume_host(name, done); }).result;
    }
    HostView host(std::string const& name) {
        for (auto const& view : snapshot().hosts) {
            if (view.name == name) return view;
        }
        FAIL("no host " << name);
        return {};
    }
    template <class Condition>
    void wait_until(Condition const& condition) {
        for (int i = 0; i < 3000; ++i) {
            if (condition()) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        FAIL("what is waited for does not come; the log:\n" << log_text());
    }
    std::string log_text() const {
        std::ifstream in(directory_ / "log");
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

private:
    void write_people(std::string const& more_of_anna) {
        std::ofstream(directory_ / "people.ldif") << "dn: uid=anna,o=adatum\n"
                                                     "objectClass: splitmxMailbox\n"
                                                     "splitmxAddress: anna@adatum.com\n"
                                                  << more_of_anna
                                                  << "\n"
                                                     "dn: uid=ann,o=adatum\n"
                                                     "objectClass: splitmxMailbox\n"
                                                     "splitmxAddress: ann@sender.example\n"
                                                     "splitmxMailHost: away\n";
    }

    config::Config configure(std::uint16_t port) {
        write_people({});
        auto const file = directory_ / "splitmx.toml";
        // Reports go to a host that is paused: they stay where a test can look at them.
        std::ofstream(file) << fmt::format(
            "[server]\nhostname = \"relay1.adatum.com\"\nstate_dir = \"{0}\"\n"
            "[[listen]]\naddress = \"127.0.0.1:0\"\n"
            "[[domain]]\nname = [\"adatum.com\", \"sender.example\"]\naction = \"inbound\"\n"
            "[host.mailboxes]\naddress = \"127.0.0.1:{1}\"\n"
            "[host.away]\naddress = \"127.0.0.1:{1}\"\n"
            "[routing]\nmailbox_host = \"mailboxes\"\n"
            "[directory.main]\nuri = \"ldif:people.ldif\"\nprofile = \"splitmx\"\n",
            directory_.string(),
            port
        );
        auto loaded = config::load(file, config::Purpose::look_up);
        INFO(loaded.report);
        REQUIRE(loaded.config.has_value());
        config::add_machine(*loaded.config);
        return std::move(*loaded.config);
    }

    template <class Answer, class Ask>
    Answer wait(Ask const& ask) {
        auto const promise = std::make_shared<std::promise<Answer>>();
        ask([promise](Answer answer) { promise->set_value(std::move(answer)); });
        auto answer = promise->get_future();
        REQUIRE(answer.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
        return answer.get();
    }

    std::filesystem::path directory_;
    config::Config config_;
    std::uint64_t generation_ = 1;
    boost::asio::io_context main_{1};
    boost::asio::thread_pool disk_{1};
    std::unique_ptr<observe::Log> log_;
    std::unique_ptr<spool::disk::LmdbStore> store_;
    std::optional<spool::SpoolIdSource> ids_;
    std::optional<spool::SpoolThread> spool_;
    smtp::net::Admission admission_{{}};
    Rates rates_;
    LiveFeed live_;
    Meters meters_;
    HostBook hosts_{100, [](HostChanged const&, std::size_t) {}};
    DamageNotices notices_;
    std::optional<dns::Resolver> dns_;
    std::unique_ptr<directory::DirectoryService> directory_service_;
    std::unique_ptr<directory::DirectoryService> earlier_directory_;
    Present<Settings> present_;
    Present<tls::Context> certificates_;
    std::optional<LoginDesk> logins_;
    std::unique_ptr<Parts> parts_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<QueueDesk> desk_;
};

}  // namespace splitmx::relay::test
