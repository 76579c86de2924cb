#include "relay/loop_queue.hpp"

#include "relay/damage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> take_out(LoopQueue& queue, std::vector<spool::Damage> damaged) {
    auto notice = co_await relay::set_aside(queue.parts, queue.inbox, std::move(damaged));
    --queue.under_way;
    if (!notice || queue.draining) co_return;  // the spool has it
    queue.live.keep(notice);
    queue.update(*notice);
}

}  // namespace

mail::Instant wall_clock() { return std::chrono::system_clock::now(); }

LoopQueue::LoopQueue(Parts& all, boost::asio::any_io_executor executor, SpoolInbox& completions)
    : parts(all),
      loop(std::move(executor)),
      inbox(completions),
      index(wall_clock()),
      random(std::random_device{}()) {}

MessagePtr LoopQueue::load(spool::SpoolId id) {
    if (auto known = live.find(id)) return known;
    auto item = parts.store.read(id);
    if (item) {
        auto message = std::make_shared<Message>();
        message->item = std::move(*item);
        if (auto const view = index.find(id)) message->generation = view->generation;
        return message;
    }
    // Whoever removed it has decided.
    if (item.error().code == spool::Errc::not_found)
        index.remove(id);
    else
        set_aside(id, item.error());
    return nullptr;
}

void LoopQueue::set_aside(spool::SpoolId id, spool::Error const& error) {
    std::vector<spool::Damage> damaged;
    damaged.push_back({id, error});
    set_aside(std::move(damaged));
}

void LoopQueue::set_aside(std::vector<spool::Damage> damaged) {
    for (auto const& one : damaged) {
        index.remove(one.id);
        live.forget(one.id);
    }
    ++under_way;
    asio::co_spawn(loop, take_out(*this, std::move(damaged)), asio::detached);
}

void LoopQueue::replace(Message const& message) {
    spool::SummaryReader reader;
    index.replace(summary_of(message, reader), message.generation);
}

void LoopQueue::update(Message const& message) {
    replace(message);
    if (changed) changed(message.item.id);
}

void LoopQueue::end(MessagePtr const& message) {
    if (!live.end(message)) return;
    if (auto const waiting = std::exchange(message->when_idle, nullptr)) waiting();
    // Nothing of it begins while that is being done.
    if (message->busy == 0 && changed) changed(message->item.id);
}

}  // namespace splitmx::relay
