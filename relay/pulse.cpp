#include "relay/pulse.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace splitmx::relay {

Pulse::Pulse(
    boost::asio::io_context& main,
    std::vector<boost::asio::io_context*> loops,
    std::chrono::milliseconds silence
)
    : loops_(std::move(loops)), silence_(silence), timer_(main) {
    auto const now = Clock::now().time_since_epoch().count();
    for (std::size_t i = 0; i < loops_.size(); ++i) heard_.push_back(std::make_shared<Heard>(now));
}

void Pulse::start() { ask(); }

void Pulse::stop() { timer_.cancel(); }

void Pulse::ask() {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        boost::asio::post(*loops_[i], [heard = heard_[i]] {
            *heard = Clock::now().time_since_epoch().count();
        });
    }
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) ask();
    });
}

bool Pulse::is_beating() const {
    auto const oldest = (Clock::now() - silence_).time_since_epoch().count();
    return std::all_of(heard_.begin(), heard_.end(), [oldest](auto const& heard) {
        return *heard >= oldest;
    });
}

}  // namespace splitmx::relay
