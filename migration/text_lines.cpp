#include "migration/text_lines.hpp"

#include "mail/octets.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace splitmx::migration {

namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view utf16le_mark = "\xFF\xFE";
constexpr std::string_view utf16be_mark = "\xFE\xFF";

}  // namespace

// One conversion to UTF-8; holds back what is not a whole character yet.
class TextLines::Converter {
public:
    explicit Converter(char const* from) : handle_(iconv_open("UTF-8", from)) {}
    ~Converter() {
        if (is_open()) iconv_close(handle_);
    }
    Converter(Converter const&) = delete;
    Converter& operator=(Converter const&) = delete;

    // iconv_open says so by an address that none is.
    bool is_open() const { return handle_ != iconv_t(-1); }

    // False where the input is none of this encoding; what was before it has been converted.
    bool convert(std::string_view octets, std::string& to);
    // All of it, from the beginning.
    bool convert_whole(std::string_view octets, std::string& to) {
        iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        rest_.clear();
        return convert(octets, to) && rest_.empty();
    }
    bool has_rest() const { return !rest_.empty(); }

private:
    iconv_t handle_;
    std::string rest_;
};

bool TextLines::Converter::convert(std::string_view octets, std::string& to) {
    rest_ += octets;
    char* in = rest_.data();
    std::size_t left = rest_.size();
    std::array<char, 8192> piece;
    while (left > 0) {
        char* out = piece.data();
        std::size_t room = piece.size();
        auto const done = iconv(handle_, &in, &left, &out, &room);
        int const why = errno;
        to.append(piece.data(), piece.size() - room);
        if (done != std::size_t(-1) || why == E2BIG) continue;
        rest_.erase(0, rest_.size() - left);
        return why == EINVAL;  // an incomplete character at the end
    }
    rest_.clear();
    return true;
}

TextLines::TextLines()
    : check_(std::make_unique<Converter>("UTF-8")),
      legacy_(std::make_unique<Converter>("WINDOWS-1252")) {}
TextLines::TextLines(TextLines&&) noexcept = default;
TextLines& TextLines::operator=(TextLines&&) noexcept = default;
TextLines::~TextLines() = default;

mail::Result<TextLines> TextLines::open(std::string const& encoding) {
    TextLines lines;
    if (encoding.empty()) return lines;
    lines.whole_ = std::make_unique<Converter>(encoding.c_str());
    if (!lines.whole_->is_open()) {
        return mail::Error{
            fmt::format("no encoding is called \"{}\" (iconv -l lists them)", encoding), 0};
    }
    return lines;
}

void TextLines::guess() {
    known_ = true;
    if (!whole_) {
        std::string_view const head = head_;
        char const* name = nullptr;
        if (head.starts_with(utf16le_mark)) name = "UTF-16LE";
        if (head.starts_with(utf16be_mark)) name = "UTF-16BE";
        // Text of exports begins with an ASCII letter, a quotation mark or "#".
        if (head.size() >= 2 && head[0] != '\0' && head[1] == '\0') name = "UTF-16LE";
        if (name) whole_ = std::make_unique<Converter>(name);
    }
    take(std::exchange(head_, {}));
    if (buffer_.starts_with(utf8_mark)) buffer_.erase(0, utf8_mark.size());
}

void TextLines::take(std::string_view octets) {
    if (!whole_) {
        buffer_ += octets;
        return;
    }
    if (!broken_ && !whole_->convert(octets, buffer_)) broken_ = true;
}

void TextLines::add(std::string_view octets) {
    buffer_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
    if (known_) return take(octets);
    head_ += octets;
    if (head_.size() >= utf8_mark.size()) guess();
}

void TextLines::end() {
    if (!known_) guess();
    if (whole_ && whole_->has_rest()) broken_ = true;
    ended_ = true;
}

TextLine TextLines::decoded(std::string_view line) {
    TextLine decoded{{}, number_, {}};
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (too_long_ || line.size() > max_line) {
        decoded.fault = "a line longer than 1 MiB";
    } else if (whole_ || !mail::has_high_octets(line) || check_->convert_whole(line, decoded.text)) {
        decoded.text = line;
    } else {
        decoded.text.clear();
        if (legacy_->convert_whole(line, decoded.text)) {
            ++legacy_lines_;
        } else {
            decoded.text.clear();
            decoded.fault = "neither UTF-8 nor Windows-1252; --encoding names another";
        }
    }
    return decoded;
}

// What cannot be converted ends the file: nothing behind it can be told apart.
TextLine TextLines::broken_off() {
    ++number_;
    dead_ = ended_ = true;
    buffer_.clear();
    at_ = searched_ = 0;
    return {{}, number_, "from here on it is not in the encoding that it began with"};
}

std::optional<TextLine> TextLines::next() {
    auto const found = buffer_.find('\n', searched_);
    if (found == std::string::npos) {
        if (broken_ && !dead_) return broken_off();
        searched_ = buffer_.size();
        if (buffer_.size() - at_ > max_line) {
            too_long_ = true;
            buffer_.clear();
            at_ = searched_ = 0;
        }
        bool const rest = at_ < buffer_.size() || too_long_;
        if (!ended_ || !rest) return std::nullopt;
    }
    auto const to = std::min(found, buffer_.size());
    ++number_;
    auto line = decoded(std::string_view(buffer_).substr(at_, to - at_));
    too_long_ = false;
    at_ = std::min(to + 1, buffer_.size());
    searched_ = at_;
    return line;
}

}  // namespace splitmx::migration
