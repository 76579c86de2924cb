// One section of a file, read through the table of keys: values that are not in the file are the
// table's defaults. A value that does not fit its key counts as its type's empty value: it has been
// found already, and no Config comes of it.
// Ownership: refers to a document that outlives it. Threads: for one. Requires: keys of this
// section.
#pragma once

#include "config/document.hpp"
#include "config/source_position.hpp"
#include "mail/clock.hpp"
#include "mail/ip_address.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::config {

// The file as the command line named it, and its folder, where relative paths start.
struct FileOrigin {
    std::string name;
    std::filesystem::path folder;

    std::string source(SourcePosition position) const;  // "FILE:LINE"
    std::filesystem::path resolve(std::string_view path) const;
};

struct LocatedText {
    std::string text;
    SourcePosition position;
};

class Section {
public:
    Section(std::string_view id, Table const* table, SourcePosition heading)
        : id_(id), table_(table), heading_(heading) {}
    // The only section of this form in the document, or an empty one.
    static Section single(std::string_view id, Table const& document);

    bool has(std::string_view key) const { return entry(key) != nullptr; }
    SourcePosition heading() const { return heading_; }
    SourcePosition key_position(std::string_view key) const;    // else the heading
    SourcePosition value_position(std::string_view key) const;  // else the heading

    bool boolean(std::string_view key) const;
    unsigned count(std::string_view key) const;
    std::uint64_t size(std::string_view key) const;
    std::string text(std::string_view key) const;
    std::vector<LocatedText> texts(std::string_view key) const;
    mail::Duration duration(std::string_view key) const;
    std::optional<mail::Duration> duration_or_never(std::string_view key) const;  // none: never
    std::vector<mail::Network> networks(std::string_view key) const;
    std::vector<mail::IpAddress> addresses(std::string_view key) const;

    Table const* table() const { return table_; }

private:
    Entry const* entry(std::string_view key) const;
    Value const* value(std::string_view key) const;

    std::string_view id_;
    Table const* table_;
    SourcePosition heading_;
};

}  // namespace splitmx::config
