// The rest of an attribute of which a server gave only the first values: Active Directory gives 1,500
// at a time, as "member;range=0-1499", and is asked for more by "member;range=1500-*" until an answer
// ends with "*". Values in, questions out, no I/O; for one thread. Errors: an answer that brings
// nothing new ends it, and the attribute stays marked as partial. Source: MS-ADTS 3.1.1.3.1.3.3.
#pragma once

#include "ldap/entry.hpp"

#include <optional>
#include <string>

namespace splitmx::ldap {

class RangedValues {
public:
    explicit RangedValues(Entry entry) : entry_(std::move(entry)) {}

    // The attribute to ask of this entry next; nothing: it is whole, or no more comes.
    [[nodiscard]] std::optional<std::string> question() const;
    // The answer to it.
    void take(Entry const& answer);
    // There was none.
    void give_up() { gave_up_ = true; }

    [[nodiscard]] Entry const& entry() const { return entry_; }
    [[nodiscard]] Entry take_entry() { return std::move(entry_); }

    [[nodiscard]] static bool is_needed(Entry const& entry);

private:
    [[nodiscard]] Attribute const* partial() const;

    Entry entry_;
    bool gave_up_ = false;
};

}  // namespace splitmx::ldap
