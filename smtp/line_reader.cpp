#include "smtp/line_reader.hpp"

#include "smtp/limits.hpp"

namespace splitmx::smtp {

namespace {

bool has_bad_octets(std::string_view text) {
    for (char const bad : {'\r', '\n', '\0'}) {
        if (text.find(bad) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace

void LineReader::feed(std::string_view octets) {
    compact();
    buffer_.append(octets);
}

std::optional<Line> LineReader::front() {
    while (!end_) {
        auto const line_feed = buffer_.find('\n', scanned_);
        if (line_feed == std::string::npos) {
            scanned_ = buffer_.size();
            drop_overflow();
            compact();
            return std::nullopt;
        }
        scanned_ = line_feed + 1;
        // RFC 5321 2.3.8: a line feed on its own is no line end.
        if (line_feed > start_ && buffer_[line_feed - 1] == '\r') end_ = line_feed - 1;
    }
    auto const text = std::string_view(buffer_).substr(start_, *end_ - start_);
    if (overflowing_ || text.size() + 2 > limit_) return Line{Line::Kind::too_long, {}};
    return Line{has_bad_octets(text) ? Line::Kind::bad_octets : Line::Kind::good, text};
}

bool LineReader::ends_in_bare_line_feed() const {
    auto const text = waiting();
    return !end_ && text.ends_with('\n') && !text.ends_with("\r\n");
}

void LineReader::pop() {
    start_ = *end_ + 2;
    scanned_ = start_;
    end_.reset();
    overflowing_ = false;
}

std::string LineReader::take_rest() {
    auto rest = buffer_.substr(start_);
    buffer_ = std::string();
    start_ = scanned_ = 0;
    end_.reset();
    return rest;
}

// Without its end in sight, all that matters of a line too long is whether a CR came last.
void LineReader::drop_overflow() {
    if (!overflowing_ && buffer_.size() - start_ < limit_) return;
    overflowing_ = true;
    bool const ends_in_cr = buffer_.size() > start_ && buffer_.back() == '\r';
    start_ = buffer_.size() - (ends_in_cr ? 1 : 0);
}

void LineReader::compact() {
    if (start_ == 0) return;
    buffer_.erase(0, start_);
    if (buffer_.empty() && buffer_.capacity() > idle_buffer) buffer_ = std::string();
    scanned_ -= start_;
    if (end_) *end_ -= start_;
    start_ = 0;
}

}  // namespace splitmx::smtp
