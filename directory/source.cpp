#include "directory/source.hpp"

namespace splitmx::directory {

std::string_view to_text(State state) {
    switch (state) {
        case State::empty:
            return "EMPTY";
        case State::loading:
            return "LOADING";
        case State::stale:
            return "STALE";
        case State::direct:
            return "DIRECT";
        case State::live:
            return "LIVE";
    }
    return {};
}

}  // namespace splitmx::directory
