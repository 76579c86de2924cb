// A value that other threads bring to a coroutine of the main loop.
// Threads: give() any, once; the Arrival is the main loop's.
#pragma once

#include "relay/arrival.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <memory>

namespace splitmx::relay {

template <class T>
std::function<void(T)> giver_to(
    boost::asio::io_context& loop, std::shared_ptr<Arrival<T>> const& arrival
) {
    return [&loop, arrival](T value) {
        auto const held = std::make_shared<T>(std::move(value));
        boost::asio::post(loop, [arrival, held] { arrival->set(std::move(*held)); });
    };
}

}  // namespace splitmx::relay
