#include "relay/spool_inbox.hpp"

#include <boost/asio/post.hpp>

namespace splitmx::relay {

namespace {

using Outcome = Arrival<spool::Result<void>>;

class CommitWaiter final : public spool::Waiter {
public:
    explicit CommitWaiter(std::shared_ptr<Outcome> outcome) : outcome_(std::move(outcome)) {}
    void done(spool::Result<void> result) override { outcome_->set(std::move(result)); }

private:
    std::shared_ptr<Outcome> outcome_;
};

}  // namespace

void SpoolInbox::deliver(std::vector<spool::Completion> completions) {
    boost::asio::post(loop_, [completions = std::move(completions)]() mutable {
        for (auto& completion : completions) {
            completion.waiter->done(std::move(completion.result));
        }
    });
}

boost::asio::awaitable<spool::Result<void>> commit(
    spool::SpoolThread& spool, SpoolInbox& inbox, spool::Changes changes
) {
    auto const outcome = std::make_shared<Outcome>();
    spool.submit(std::move(changes), inbox, std::make_unique<CommitWaiter>(outcome));
    co_return co_await outcome->wait();
}

}  // namespace splitmx::relay
