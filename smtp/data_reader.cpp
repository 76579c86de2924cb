#include "smtp/data_reader.hpp"

#include "smtp/plain_lines.hpp"

namespace splitmx::smtp {

mail::Status status_of(ContentFault fault) {
    switch (fault) {
        case ContentFault::bare_line_end:
            return {554, {6, 0}, "Message refused: a CR or LF stands alone, lines end in CRLF"};
        case ContentFault::nul:
            return {554, {6, 0}, "Message refused: it contains a NUL octet"};
        case ContentFault::too_large:
            return {552, {3, 4}, "Message is larger than this system accepts"};  // RFC 1870 6.3
    }
    return {};
}

std::size_t DataReader::read(std::string_view octets, std::string& content) {
    // Hardly any content has one: one look at all of it, not one at each line.
    bool const has_nul = octets.find('\0') != std::string_view::npos;
    std::size_t i = 0;
    std::size_t run = 0;  // octets from here to i are content that is not copied yet
    while (i < octets.size() && at_ != At::end) {
        char const c = octets[i];
        switch (at_) {
            case At::line_start:
                at_ = At::line;
                if (c != '.') break;
                // RFC 5321 4.5.2: the first dot of a line is never content.
                append(octets.substr(run, i - run), content);
                run = ++i;
                at_ = At::dot;
                break;
            case At::dot:
                at_ = c == '\r' ? At::dot_cr : At::line;
                if (c == '\r') ++i;
                break;
            case At::dot_cr:
                if (c == '\n') {
                    run = ++i;
                    at_ = At::end;
                    break;
                }
                mark(ContentFault::bare_line_end);
                at_ = At::line;
                break;
            case At::line:
                if (has_nul || !skip_plain(octets, i)) scan_line(octets, i);
                break;
            case At::cr:
                if (c == '\n') {
                    ++i;
                    at_ = At::line_start;
                    break;
                }
                mark(ContentFault::bare_line_end);
                at_ = At::line;
                break;
            case At::end:
                break;
        }
    }
    // A CR that may belong to the end of data is held back: its state remembers it.
    auto const held = at_ == At::dot_cr ? 1U : 0U;
    if (run + held < i) append(octets.substr(run, i - held - run), content);
    return i;
}

bool DataReader::skip_plain(std::string_view octets, std::size_t& i) {
    auto const plain = plain_octets(octets.substr(i));
    if (plain == 0) return false;
    i += plain;
    if (octets[i - 1] == '\r') at_ = At::cr;
    if (octets[i - 1] == '\n') at_ = At::line_start;
    return true;
}

void DataReader::scan_line(std::string_view octets, std::size_t& i) {
    auto const rest = octets.substr(i);
    auto const cr = rest.find('\r');
    auto const segment = rest.substr(0, cr);
    // RFC 5321 2.3.8, 4.1.1.4: a line feed without its CR must not end anything.
    if (segment.find('\n') != std::string_view::npos) mark(ContentFault::bare_line_end);
    if (segment.find('\0') != std::string_view::npos) mark(ContentFault::nul);
    i += segment.size();
    if (cr == std::string_view::npos) return;
    ++i;
    at_ = At::cr;
}

void DataReader::append(std::string_view run, std::string& content) {
    if (fault_) return;
    size_ += run.size();
    if (size_ > limit_) {
        mark(ContentFault::too_large);
        return;
    }
    content.append(run);
}

void DataReader::mark(ContentFault fault) {
    if (!fault_) fault_ = fault;
}

}  // namespace splitmx::smtp
