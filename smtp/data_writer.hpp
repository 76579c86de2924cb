// Puts message content on the wire: stuffs dots, and ends the data.
// It copies nothing: it gives pieces that point into the chunk or into constants, for one gathering
// write. They are good as long as the chunk is. Content has CRLF line ends only (DataReader and
// our own reports see to that).
// Threads: one owner. Source: RFC 5321 4.5.2, 4.1.1.4.
#pragma once

#include <string_view>
#include <vector>

namespace splitmx::smtp {

class DataWriter {
public:
    // Chunks may be cut anywhere.
    void write(std::string_view chunk, std::vector<std::string_view>& pieces);
    // ".CRLF", with a CRLF before it when the content has not ended in one. Once, as the last call.
    void finish(std::vector<std::string_view>& pieces);

private:
    bool at_line_start_ = true;
};

}  // namespace splitmx::smtp
