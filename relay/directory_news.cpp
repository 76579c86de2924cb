#include "relay/directory_news.hpp"

#include "relay/worker.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace splitmx::relay {

void DirectoryNews::listen(std::vector<Worker*> workers) {
    std::lock_guard const lock(mutex_);
    workers_ = std::move(workers);
}

void DirectoryNews::tell(std::vector<mail::Mailbox> const& changed) {
    auto keys = std::make_shared<std::unordered_set<std::string>>();
    for (auto const& address : changed) keys->insert(address.key());
    ChangedAddresses const all = std::move(keys);
    std::lock_guard const lock(mutex_);
    for (auto* worker : workers_) {
        boost::asio::post(worker->loop(), [worker, all] {
            worker->dispatcher().people_changed(all);
        });
    }
}

}  // namespace splitmx::relay
