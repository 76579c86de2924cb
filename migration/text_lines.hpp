// Octets of a file in any of the encodings that exports come in, as lines of UTF-8.
//
// A byte order mark tells UTF-8, UTF-16LE and UTF-16BE; UTF-16LE is known without one, too. Else a
// line is UTF-8, and where it is not, Windows-1252: exports of old systems have no mark, and text
// in Windows-1252 is hardly ever UTF-8 by chance. A named encoding goes before all that.
// Lines end with LF or CRLF; memory: one line, at most max_line octets, and what was added last.
// Threads: one. Source: iconv(3); the encoding is the C library's knowledge.
#pragma once

#include "mail/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::migration {

struct TextLine {
    std::string text;        // UTF-8, no line end
    std::size_t number = 0;  // from 1
    std::string fault;       // why it cannot be read; then `text` is empty
};

class TextLines {
public:
    static constexpr std::size_t max_line = std::size_t{1} << 20U;

    // `encoding`: empty, or one that iconv knows; else an error.
    [[nodiscard]] static mail::Result<TextLines> open(std::string const& encoding);
    TextLines(TextLines&&) noexcept;
    TextLines& operator=(TextLines&&) noexcept;
    ~TextLines();

    void add(std::string_view octets);
    void end();  // there is no more

    // The next whole line; the last one after end().
    [[nodiscard]] std::optional<TextLine> next();

    // Lines that were no UTF-8, and were taken for Windows-1252.
    std::size_t legacy_lines() const { return legacy_lines_; }

private:
    class Converter;

    TextLines();
    void guess();
    void take(std::string_view octets);
    TextLine broken_off();
    TextLine decoded(std::string_view line);

    std::unique_ptr<Converter> whole_;   // of an encoding that is known; none: line by line
    std::unique_ptr<Converter> check_;   // UTF-8 to itself
    std::unique_ptr<Converter> legacy_;  // Windows-1252 to UTF-8
    std::string head_;                   // until the encoding is known
    bool known_ = false;
    bool ended_ = false;
    std::string buffer_;
    std::size_t at_ = 0;        // in buffer_: what is behind is not given yet
    std::size_t searched_ = 0;  // from here on nobody has looked for a line end
    bool too_long_ = false;     // the rest of a line that is
    std::size_t number_ = 0;
    std::size_t legacy_lines_ = 0;
    bool broken_ = false;  // behind buffer_ is what could not be converted
    bool dead_ = false;    // and that has been said
};

}  // namespace splitmx::migration
