// The copy on the disk: content and cookie in one file, so that a start serves at once and goes on
// where it stopped. A new one is written beside the old one and takes its name when it is on the
// disk: whatever stops the program, one of the two is there, whole. A file that is damaged, of
// another version or made from another source is refused with the reason, and the copy is built
// anew; nothing in it is used then.
//
// While one is written the copy goes on changing, one shard at a time being held. Its content may
// thus be newer than its cookie, which the server makes up for by telling those changes again.
//
// The format, in the machine's order of octets and each part filled up to eight: head (magic,
// version, size of the next), source and cookie, records, dictionaries, tail (sizes, checksum).
// Threads: write() any, one at a time; load() before the first event. Source: RFC 4533 3.3.1 for
// cookies.
#pragma once

#include "directory/copy/copy.hpp"
#include "directory/copy/files.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace splitmx::directory::copy {

class Snapshot {
public:
    // What the content depends on, as names for people and values: servers, base, filter...
    using Source = std::vector<std::pair<std::string, std::string>>;

    // The folder of `path` exists.
    Snapshot(Files& files, std::string path, Source source)
        : files_(files), path_(std::move(path)), source_(std::move(source)) {}

    struct Written {
        std::size_t octets = 0;
    };
    struct NotNow {};  // no complete content, or a refresh came between
    using WriteResult = std::variant<Written, NotNow, mail::Error>;
    [[nodiscard]] WriteResult write(Copy& copy);

    struct Loaded {
        std::size_t octets = 0;
    };
    struct NotThere {};
    struct Refused {
        std::string why;
    };
    using LoadResult = std::variant<Loaded, NotThere, Refused>;
    // Requires: an empty copy. After Refused it is not used any more.
    [[nodiscard]] LoadResult load(Copy& copy);

    [[nodiscard]] std::string const& path() const { return path_; }

private:
    mail::Result<std::size_t> write_file(Copy& copy, Copy::Cut const& cut, std::string const& path);
    std::string refusal_of(Source const& found) const;

    Files& files_;
    std::string path_;
    Source source_;
};

}  // namespace splitmx::directory::copy
