#include "observe/line_buffer.hpp"

#include <utility>

namespace splitmx::observe {

namespace {

// What a burst has needed beyond this is given back.
constexpr std::size_t usual_octets = 64 * 1024;

}  // namespace

void LineBuffer::push(std::string_view line) {
    text_ += line;
    text_ += '\n';
    octets_.push_back(line.size() + 1);
}

void LineBuffer::drop_oldest() {
    begin_ += octets_[first_++];
    if (2 * first_ < octets_.size()) return;
    text_.erase(0, std::exchange(begin_, 0));
    auto const end = octets_.begin() + static_cast<std::ptrdiff_t>(std::exchange(first_, 0));
    octets_.erase(octets_.begin(), end);
}

void LineBuffer::clear() {
    if (text_.capacity() > usual_octets) *this = {};
    text_.clear();
    octets_.clear();
    first_ = begin_ = 0;
}

std::string_view LineBuffer::text() const {
    return std::string_view(text_).substr(begin_, text_.size() - begin_ - 1);
}

}  // namespace splitmx::observe
