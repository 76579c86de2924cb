#include "relay/loop_queue.hpp"

#include <utility>

namespace splitmx::relay {

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
    parts.log.write(observe::SpoolTrouble{id.to_text(), error.what});
    index.remove(id);
    live.forget(id);
    if (error.code != spool::Errc::damaged) return;
    spool::Changes changes;
    changes.emplace_back(spool::SetAside{id, wall_clock(), error.what});
    parts.spool.submit(std::move(changes));
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
    if (changed) changed(message->item.id);
}

}  // namespace splitmx::relay
