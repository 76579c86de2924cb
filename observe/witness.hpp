// Somebody who is told every event, whether the log writes it or not. Threads: see() is called by
// any thread, where the event happens: it must be quick, and never wait. Ownership: of the caller;
// the event, and what it points to, is there only during the call.
#pragma once

#include "observe/event.hpp"

namespace splitmx::observe {

class Witness {
public:
    virtual ~Witness() = default;
    virtual void see(Event const& event) = 0;
};

}  // namespace splitmx::observe
