// One loop of the relay with everything that is pinned to it: its sessions, its couriers, its share
// of the queue, and the one read buffer that all of them use between two waits.
// Threads: one, its own; members are called on it unless they say otherwise. Ownership: a worker
// outlives its sessions; parts outlive the workers.
#pragma once

#include "relay/dispatcher.hpp"
#include "relay/parts.hpp"
#include "relay/spool_inbox.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <unordered_set>

namespace splitmx::relay {

class InboundSession;

// A loop whose waiting coroutines can be dropped while what they refer to still stands.
class Loop : public boost::asio::io_context {
public:
    Loop() : boost::asio::io_context(1) {}
    void abandon() { shutdown(); }
};

class Worker {
public:
    explicit Worker(Parts& parts);
    ~Worker();
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    void start();  // any thread, once
    void join();   // any other thread: after stop() has been posted

    boost::asio::io_context& loop() { return loop_; }
    std::span<char> read_buffer() { return buffer_; }
    SpoolInbox& inbox() { return inbox_; }
    Dispatcher& dispatcher() { return dispatcher_; }
    Parts& parts() { return parts_; }

    void enter(InboundSession* session);
    void leave(InboundSession* session);
    // Sessions, and connections that somebody has expected here and holds a place for. Any thread.
    std::size_t load() const { return count_ + coming_; }
    std::shared_ptr<void> expect();

    // No new work: sessions that wait for a command get 421, the others end after their message.
    void drain();
    bool is_draining() const { return draining_; }
    bool is_at_rest() const { return sessions_.empty() && dispatcher_.is_at_rest(); }
    // Whatever still runs is dropped; the spool has it.
    void stop();

private:
    Parts& parts_;
    Loop loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::array<char, 64 * 1024> buffer_{};
    SpoolInbox inbox_;
    Dispatcher dispatcher_;
    std::unordered_set<InboundSession*> sessions_;
    std::atomic<std::size_t> count_ = 0;   // of the sessions
    std::atomic<std::size_t> coming_ = 0;  // connections on their way
    bool draining_ = false;
    std::thread thread_;
};

}  // namespace splitmx::relay
