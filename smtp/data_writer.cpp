#include "smtp/data_writer.hpp"

namespace splitmx::smtp {

namespace {

constexpr std::string_view dot = ".";
constexpr std::string_view end_of_line = "\r\n";
constexpr std::string_view end_of_data = ".\r\n";

}  // namespace

void DataWriter::write(std::string_view chunk, std::vector<std::string_view>& pieces) {
    if (chunk.empty()) return;
    if (at_line_start_ && chunk.front() == '.') pieces.push_back(dot);
    std::size_t run = 0;
    for (auto at = chunk.find('\n'); at != std::string_view::npos; at = chunk.find('\n', at + 1)) {
        if (at + 1 == chunk.size() || chunk[at + 1] != '.') continue;
        pieces.push_back(chunk.substr(run, at + 1 - run));
        pieces.push_back(dot);
        run = at + 1;
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
