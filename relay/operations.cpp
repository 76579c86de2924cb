#include "relay/operations.hpp"

#include "relay/meant_recipients.hpp"
#include "relay/move.hpp"
#include "relay/settle_log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

using Done = std::function<void(OperationAnswer)>;

OperationAnswer answer_to(spool::Result<void> const& written) {
    if (written) return {OperationResult::done, {}, 0, 0};
    return {OperationResult::not_written, written.error().what, 0, 0};
}

// Nothing of the message begins while it is being changed.
void set_idle(LoopQueue& queue, spool::SpoolId id) {
    for (auto const leg : queue.index.legs_of(id)) queue.index.make_idle(leg);
}

asio::awaitable<spool::Result<void>> write(LoopQueue& queue, spool::Change change) {
    spool::Changes changes;
    changes.push_back(std::move(change));
    co_return co_await commit(queue.parts.spool, queue.inbox, std::move(changes));
}

asio::awaitable<OperationAnswer> set_held(
    Dispatcher& dispatcher, MessagePtr message, std::optional<std::string> reason
) {
    auto& queue = dispatcher.queue();
    auto const before = std::exchange(message->item.held, std::move(reason));
    spool::Change change = spool::Update{message->item};
    auto const written = co_await write(queue, std::move(change));
    if (!written) message->item.held = before;
    queue.replace(*message);
    co_return answer_to(written);
}

// Ends delivery to some recipients; the message goes when nobody is left.
asio::awaitable<OperationAnswer> end_some(
    Dispatcher& dispatcher,
    MessagePtr message,
    std::vector<std::size_t> recipients,
    mail::Status status,
    ByOperator by
) {
    OperationAnswer answer;
    answer.result = OperationResult::unmoved;
    if (recipients.empty()) co_return answer;
    auto const others = count_pending(message->item) - recipients.size();
    std::vector<spool::Outcome> outcomes;
    for (auto const i : recipients) outcomes.push_back({i, status, {}, std::nullopt});
    auto const written =
        co_await dispatcher.settler().settle(message, std::move(outcomes), std::move(by));
    answer = answer_to(written);
    answer.recipients = recipients.size();
    answer.others = others;
    co_return answer;
}

asio::awaitable<OperationAnswer> drop(Dispatcher& dispatcher, MessagePtr message, Drop how) {
    auto meant = meant_recipients(message->item, how.filter);
    mail::Status status(554, mail::EnhancedCode{0, 0}, "Dropped");
    ByOperator by{std::move(how.by), false};
    co_return co_await end_some(
        dispatcher, std::move(message), std::move(meant), std::move(status), std::move(by)
    );
}

asio::awaitable<OperationAnswer> bounce(Dispatcher& dispatcher, MessagePtr message, Bounce how) {
    auto meant = meant_recipients(message->item, how.filter);
    if (how.text.empty()) how.text = "Returned by an administrator";
    mail::Status status(554, mail::EnhancedCode{0, 0}, std::move(how.text));
    ByOperator by{std::move(how.by), how.with_report};
    co_return co_await end_some(
        dispatcher, std::move(message), std::move(meant), std::move(status), std::move(by)
    );
}

asio::awaitable<OperationAnswer> send_elsewhere(Dispatcher& dispatcher, MessagePtr message, Move how) {
    auto& queue = dispatcher.queue();
    auto moved =
        move_recipients(message->item, how, *queue.parts.settings()->table, wall_clock());
    OperationAnswer answer;
    answer.result = moved.would_loop ? OperationResult::would_loop : OperationResult::unmoved;
    if (!moved.recipients.empty()) {
        spool::Change change = spool::Update{moved.item};
        auto const written = co_await write(queue, std::move(change));
        answer = answer_to(written);
    }
    if (answer.result == OperationResult::done) {
        answer.recipients = moved.recipients.size();
        log_moved(queue.parts.log, message->item, moved, how.by);
        message->item = std::move(moved.item);
        // No configuration has this number: what is moved back is decided before it goes anywhere.
        if (how.host.empty()) message->generation = 0;
    }
    queue.replace(*message);
    co_return answer;
}

asio::awaitable<OperationAnswer> act(
    Dispatcher& dispatcher, MessagePtr message, QueueOperation operation
) {
    if (auto* hold = std::get_if<Hold>(&operation)) {
        std::optional<std::string> reason(std::move(hold->reason));
        co_return co_await set_held(dispatcher, std::move(message), std::move(reason));
    }
    if (std::holds_alternative<Release>(operation)) {
        std::optional<std::string> none;
        co_return co_await set_held(dispatcher, std::move(message), std::move(none));
    }
    if (auto* back = std::get_if<Bounce>(&operation)) {
        auto how = std::move(*back);
        co_return co_await bounce(dispatcher, std::move(message), std::move(how));
    }
    if (auto* elsewhere = std::get_if<Move>(&operation)) {
        auto how = std::move(*elsewhere);
        co_return co_await send_elsewhere(dispatcher, std::move(message), std::move(how));
    }
    auto how = std::move(std::get<Drop>(operation));
    co_return co_await drop(dispatcher, std::move(message), std::move(how));
}

asio::awaitable<void> run(
    Dispatcher& dispatcher, MessagePtr message, QueueOperation operation, Done done
) {
    auto& queue = dispatcher.queue();
    bool const releases = std::holds_alternative<Release>(operation);
    auto const id = message->item.id;
    auto answer = co_await act(dispatcher, message, std::move(operation));
    bool const is_done = answer.result == OperationResult::done;
    done(std::move(answer));
    --queue.under_way;
    queue.end(message);
    // What else was wanted has its turn first.
    if (releases && is_done && message->busy == 0) dispatcher.try_now(id);
}

void begin(Dispatcher& dispatcher, MessagePtr message, QueueOperation operation, Done done) {
    auto& queue = dispatcher.queue();
    set_idle(queue, message->item.id);
    queue.begin(message);
    ++queue.under_way;
    asio::co_spawn(
        dispatcher.loop(),
        run(dispatcher, std::move(message), std::move(operation), std::move(done)),
        asio::detached
    );
}

// What can be said without touching the message.
std::optional<OperationResult> refusal(
    spool::QueueIndex::MessageView const& message, QueueOperation const& operation
) {
    if (std::holds_alternative<Release>(operation) && !message.held) {
        return OperationResult::not_held;
    }
    if (std::holds_alternative<Retry>(operation) && message.held) return OperationResult::is_held;
    return std::nullopt;
}

}  // namespace

void operate(Dispatcher& dispatcher, spool::SpoolId id, QueueOperation operation, Done done) {
    auto& queue = dispatcher.queue();
    auto const view = queue.index.find(id);
    if (!view) return done({OperationResult::not_here, {}, 0, 0});
    auto message = queue.load(id);
    if (!message) return done({OperationResult::not_here, {}, 0, 0});
    // What waits for the end of a delivery may change the answer.
    auto const result = message->when_idle.empty() ? refusal(*view, operation) : std::nullopt;
    if (result) return done({*result, {}, 0, 0});
    bool const is_retry = std::holds_alternative<Retry>(operation);
    if (message->busy > 0) {
        if (!is_retry) {
            message->when_idle.emplace_back(
                [&dispatcher, message, operation = std::move(operation)] {
                    if (!dispatcher.queue().index.find(message->item.id)) return;  // done with
                    begin(dispatcher, message, operation, [](OperationAnswer const&) {});
                }
            );
        }
        return done({OperationResult::in_delivery, {}, 0, 0});
    }
    if (is_retry) {
        dispatcher.try_now(id);
        return done({OperationResult::done, {}, 0, 0});
    }
    begin(dispatcher, std::move(message), std::move(operation), std::move(done));
}

}  // namespace splitmx::relay
