#include "relay/worker.hpp"

#include "relay/inbound_session.hpp"

#include <boost/asio/post.hpp>

#include <exception>

namespace splitmx::relay {

Worker::Worker(Parts& parts)
    : parts_(parts),
      work_(boost::asio::make_work_guard(loop_)),
      inbox_(loop_.get_executor()),
      dispatcher_(parts, loop_.get_executor(), inbox_, read_buffer()) {}

Worker::~Worker() { loop_.abandon(); }

void Worker::start() {
    boost::asio::post(loop_, [this] { dispatcher_.start(); });
    thread_ = std::thread([this] {
        // One broken session must not take the others with it.
        for (;;) {
            try {
                loop_.run();
                return;
            } catch (std::exception const& failure) {
                parts_.log.error("relay", failure.what());
            }
        }
    });
}

void Worker::join() {
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<void> Worker::expect() {
    ++coming_;
    return {nullptr, [this](void*) { --coming_; }};
}

void Worker::enter(InboundSession* session) {
    sessions_.insert(session);
    count_ = sessions_.size();
}

void Worker::leave(InboundSession* session) {
    sessions_.erase(session);
    count_ = sessions_.size();
}

void Worker::drain() {
    draining_ = true;
    dispatcher_.drain();
    for (auto* session : sessions_) session->drain();
}

void Worker::stop() {
    dispatcher_.stop();
    work_.reset();
    loop_.stop();
}

}  // namespace splitmx::relay
