// A value that is replaced as a whole while others read it: whoever has taken it keeps what it
// took. Threads: any. Ownership: shared; the last one who holds an old value ends it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace splitmx::relay {

template <class T>
class Present {
public:
    using Pointer = std::shared_ptr<T const>;

    Present() = default;
    explicit Present(Pointer value) : value_(std::move(value)) {}

    Pointer get() const {
        std::lock_guard const lock(mutex_);
        return value_;
    }
    // The value before it, which may end there.
    Pointer set(Pointer value) {
        std::lock_guard const lock(mutex_);
        return std::exchange(value_, std::move(value));
    }

private:
    mutable std::mutex mutex_;
    Pointer value_;
};

}  // namespace splitmx::relay
