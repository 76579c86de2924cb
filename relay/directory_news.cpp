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

directory::ServiceObserver observer_of(observe::Log& log, DirectoryNews& news) {
    directory::ServiceObserver observer;
    observer.connection = [&log](std::string const& name, std::string const& text, bool up) {
        log.write(observe::DirectoryChanged{
            name, up ? observe::DirectoryState::up : observe::DirectoryState::down, text});
    };
    observer.ambiguous = [&log](mail::Mailbox const& address, auto const& names) {
        observe::AmbiguousAddress event{address.to_wire(), {}};
        for (auto const& name : names) event.entries.push_back(name.text);
        log.write(event);
    };
    observer.note = [&log](std::string const& name, std::string const& text, bool alarm) {
        log.write(observe::DirectoryNote{name, text, alarm});
    };
    observer.changed = [&news](std::vector<mail::Mailbox> const& changed) { news.tell(changed); };
    return observer;
}

}  // namespace splitmx::relay
