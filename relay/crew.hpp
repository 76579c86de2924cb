// All workers: started, drained and ended together.
// Threads: one, that of `main`, unless said otherwise. Ownership: parts outlive it.
#pragma once

#include "relay/worker.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace splitmx::relay {

class Crew {
public:
    explicit Crew(boost::asio::io_context& main) : main_(main) {}

    // Workers that it hires: one for each core.
    static std::size_t size();
    // They do nothing before start().
    void hire(Parts& parts);
    void start();
    std::vector<Worker*> all() const;

    // Another configuration is in force.
    void settings_changed();
    // Begins nothing new.
    void drain();
    // Asks every loop in turn; the answer comes on `main`.
    void ask_for_rest(std::function<void(bool at_rest)> told);
    // Ends the threads; what their loops hold still stands.
    void stop();
    void dismiss() { workers_.clear(); }

private:
    boost::asio::io_context& main_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace splitmx::relay
