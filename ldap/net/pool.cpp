#include "ldap/net/pool.hpp"

#include "ldap/net/pool_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace splitmx::ldap::net {

class Pool::Running {
public:
    explicit Running(PoolSettings settings) : io_(1), loop_(io_, std::move(settings)) {
        boost::asio::post(io_, [this] { loop_.start(); });
        thread_ = std::thread([this] { io_.run(); });
    }

    ~Running() { stop(); }
    Running(Running const&) = delete;
    Running& operator=(Running const&) = delete;

    void search(SearchRequest request, std::function<void(SearchResult)> done) {
        {
            // Under the lock, so that what is posted is posted before the stop.
            std::lock_guard const lock(mutex_);
            if (!stopped_) {
                boost::asio::post(
                    io_,
                    [this, request = std::move(request), done = std::move(done)]() mutable {
                        loop_.search(std::move(request), std::move(done));
                    }
                );
                return;
            }
        }
        done(Error(Errc::stopped, "the program is ending"));
    }

    void stop() {
        {
            std::lock_guard const lock(mutex_);
            if (std::exchange(stopped_, true)) return;
        }
        boost::asio::post(io_, [this] {
            loop_.stop();
            work_.reset();
        });
        thread_.join();
    }

    [[nodiscard]] PoolState state() const { return loop_.state(); }

private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    PoolLoop loop_;
    std::mutex mutex_;
    bool stopped_ = false;
    std::thread thread_;
};

Pool::Pool(PoolSettings settings) {
    if (settings.uris.empty() || settings.connections == 0) {
        throw std::invalid_argument("a pool needs a server and a connection");
    }
    running_ = std::make_unique<Running>(std::move(settings));
}

Pool::~Pool() = default;

void Pool::search(SearchRequest request, std::function<void(SearchResult)> done) {
    running_->search(std::move(request), std::move(done));
}

SearchResult Pool::search_now(SearchRequest request) {
    auto promise = std::make_shared<std::promise<SearchResult>>();
    auto future = promise->get_future();
    search(std::move(request), [promise](SearchResult result) {
        promise->set_value(std::move(result));
    });
    return future.get();
}

void Pool::stop() { running_->stop(); }

PoolState Pool::state() const { return running_->state(); }

}  // namespace splitmx::ldap::net
