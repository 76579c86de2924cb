#include "smtp/data_writer.hpp"

namespace splitmx::smtp {

namespace {

constexpr std::string_view dot = ".";
constexpr std::string_view end_of_line = "\r\n";
constexpr std::string_view end_of_data = ".\r\n";

// The first dot behind `at` that begins a line. Dots are looked for, not ends of lines: encoded
// content has none at all.
std::size_t next_stuffed(std::string_view chunk, std::size_t at) {
    while ((at = chunk.find('.', at + 1)) != std::string_view::npos) {
        if (chunk[at - 1] == '\n') return at;
        at = chunk.find('\n', at);
        if (at == std::string_view::npos) break;
    }
    return std::string_view::npos;
}

}  // namespace

void DataWriter::write(std::string_view chunk, std::vector<std::string_view>& pieces) {
    if (chunk.empty()) return;
    if (at_line_start_ && chunk.front() == '.') pieces.push_back(dot);
    std::size_t run = 0;
    for (auto at = next_stuffed(chunk, 0); at != std::string_view::npos;
         at = next_stuffed(chunk, at)) {
        pieces.push_back(chunk.substr(run, at - run));
        pieces.push_back(dot);
        run = at;
    }
    pieces.push_back(chunk.substr(run));
    at_line_start_ = chunk.back() == '\n';
}

void DataWriter::finish(std::vector<std::string_view>& pieces) {
    // RFC 5321 4.1.1.4: the CRLF before the dot is the end of the last line, not one more.
    if (!at_line_start_) pieces.push_back(end_of_line);
    pieces.push_back(end_of_data);
}

}  // namespace splitmx::smtp
