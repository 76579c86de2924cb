#include "resolver/directory.hpp"

namespace splitmx::resolver {

namespace {

Answer find_in(std::unordered_map<std::string, Answer> const& answers, std::string const& key) {
    auto const found = answers.find(key);
    return found == answers.end() ? Answer(NotAsked{}) : found->second;
}

}  // namespace

std::string lookup_id(LookupKey const& key) {
    if (auto const* address = std::get_if<mail::Mailbox>(&key)) return "a:" + address->key();
    if (auto const* x500 = std::get_if<mail::X500Address>(&key)) return "x:" + x500->key();
    return "n:" + std::get<EntryName>(key).key;
}

void AnswerBook::add(LookupKey const& key, Answer answer) {
    if (auto const* address = std::get_if<mail::Mailbox>(&key)) {
        by_address_.insert_or_assign(address->key(), std::move(answer));
    } else if (auto const* x500 = std::get_if<mail::X500Address>(&key)) {
        by_x500_.insert_or_assign(x500->key(), std::move(answer));
    } else {
        by_name_.insert_or_assign(std::get<EntryName>(key).key, std::move(answer));
    }
}

Answer AnswerBook::find(mail::Mailbox const& address) const {
    return find_in(by_address_, address.key());
}

Answer AnswerBook::find(EntryName const& name) const { return find_in(by_name_, name.key); }

Answer AnswerBook::find(mail::X500Address const& address) const {
    return find_in(by_x500_, address.key());
}

}  // namespace splitmx::resolver
