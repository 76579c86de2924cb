// The directory as the resolver sees it: a value that answers at once, from what is known by now.
// Five answers, none of which may be folded into another: only None means that nobody has an
// address. Threads: Directory implementations are safe to read from many threads; AnswerBook is for
// one. Source: RFC 4511 for the words; semantics T1-T12.
#pragma once

#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace splitmx::resolver {

struct NotAsked {};  // nothing is known yet: ask, then resolve again
struct None {};      // a complete and fresh source has no such entry
struct One {
    RecipientPtr recipient;  // never null
};
struct Many {
    std::vector<EntryName> names;  // two or more entries hold the address
};
struct Unavailable {
    std::string why;  // for the administrator
    // A whole copy, not fresh enough to call anybody unknown, has no such entry. Of several
    // sources: all that are silent have such a copy.
    bool copy_has_nobody = false;
};

using Answer = std::variant<NotAsked, None, One, Many, Unavailable>;

// What a lookup asks for: who has this address, what is this entry, or whom does Exchange mean.
using LookupKey = std::variant<mail::Mailbox, EntryName, mail::X500Address>;

// Equal for equal lookups; keys of different kinds never collide.
[[nodiscard]] std::string lookup_id(LookupKey const& key);

class Directory {
public:
    virtual ~Directory() = default;
    virtual Answer find(mail::Mailbox const& address) const = 0;
    // None also for an entry that is there but is no mail recipient.
    virtual Answer find(EntryName const& name) const = 0;
    virtual Answer find(mail::X500Address const& address) const = 0;
};

// Answers collected so far, for sources that are asked one question at a time.
class AnswerBook final : public Directory {
public:
    void add(LookupKey const& key, Answer answer);  // a later answer replaces an earlier one
    Answer find(mail::Mailbox const& address) const override;
    Answer find(EntryName const& name) const override;
    Answer find(mail::X500Address const& address) const override;
    std::size_t size() const { return by_address_.size() + by_name_.size() + by_x500_.size(); }

private:
    std::unordered_map<std::string, Answer> by_address_;
    std::unordered_map<std::string, Answer> by_name_;
    std::unordered_map<std::string, Answer> by_x500_;
};

}  // namespace splitmx::resolver
