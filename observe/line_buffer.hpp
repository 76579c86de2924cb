// Lines that wait to be written, oldest first, as the one text they will be: a line costs no memory
// of its own, and all of them are written at once. Internal to the room.
// Threads: a value. Errors: none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::observe {

class LineBuffer {
public:
    void push(std::string_view line);
    // Requires: not empty.
    void drop_oldest();
    // Room for as many as usual is kept.
    void clear();

    bool empty() const { return size() == 0; }
    std::size_t size() const { return octets_.size() - first_; }
    // All lines, but for the end of the last one. Requires: not empty.
    std::string_view text() const;

private:
    std::string text_;
    std::vector<std::size_t> octets_;  // of each line, with its end
    std::size_t first_ = 0;            // those before are dropped,
    std::size_t begin_ = 0;            // and so is the text up to here
};

}  // namespace splitmx::observe
