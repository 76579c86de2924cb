// The log through the control socket.
#include "relay/control_desk.hpp"

#include <fmt/format.h>

namespace splitmx::relay {

namespace json = control::json;

namespace {

constexpr int exit_usage = 64;

}  // namespace

// Without a level it only tells.
ControlDesk::Reply ControlDesk::log_level(
    ControlSession& session, control::json::object const& arguments
) {
    auto const before = name_of(log_level_.level());
    auto const wanted = control::text_of(arguments, "level");
    json::object answer;
    answer["before"] = before;
    answer["level"] = before;
    if (!wanted.empty()) {
        auto const level = level_named(wanted);
        if (!level) {
            auto text = fmt::format("there is no level `{}`: debug, info, warning or error", wanted);
            co_return co_await session.fail(exit_usage, std::move(text));
        }
        std::chrono::seconds const lasting(control::number_of(arguments, "for_s"));
        bool const for_good = lasting == std::chrono::seconds(0);
        log_level_.set(*level, for_good ? std::nullopt : std::optional(lasting));
        answer["level"] = wanted;
        auto what = for_good ? wanted : fmt::format("{} for {} s", wanted, lasting.count());
        audit(session.peer(), "log level", std::move(what), fmt::format("was {}", before));
    }
    co_return co_await session.done(std::move(answer));
}

}  // namespace splitmx::relay
