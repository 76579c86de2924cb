// Recipients in memory, found by address and by name: a directory that is complete, so that whoever
// is not in it does not exist. For files, for tools, and for what would be after a change.
// Threads: read from any number of threads once nothing is added any more. Errors: none.
#pragma once

#include "directory/source.hpp"
#include "resolver/directory.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace splitmx::directory {

class DirectoryService;

class RecipientBook final : public resolver::Directory {
public:
    void reserve(std::size_t recipients);
    void add(resolver::RecipientPtr recipient);  // not null

    // None, One or Many.
    resolver::Answer find(mail::Mailbox const& address) const override;
    resolver::Answer find(resolver::EntryName const& name) const override;
    resolver::Answer find(mail::X500Address const& address) const override;

    // In the order in which they were added.
    std::vector<resolver::RecipientPtr> const& all() const { return all_; }

private:
    std::unordered_map<std::string, resolver::Answer> by_address_;
    std::unordered_map<std::string, resolver::Answer> by_x500_;
    std::unordered_map<std::string, resolver::RecipientPtr> by_name_;
    std::vector<resolver::RecipientPtr> all_;
};

// A service that knows these recipients and no others; `health` is what its decisions rest on.
[[nodiscard]] std::unique_ptr<DirectoryService> serve(
    std::shared_ptr<RecipientBook const> book, Health health
);

}  // namespace splitmx::directory
