#include "directory/recipient_book.hpp"

#include "directory/directory_service.hpp"

#include <utility>
#include <variant>

namespace splitmx::directory {

namespace {

// One more entry has this address.
void add_owner(resolver::Answer& answer, resolver::RecipientPtr const& owner) {
    if (auto* many = std::get_if<resolver::Many>(&answer)) {
        many->names.push_back(owner->name);
    } else if (auto* one = std::get_if<resolver::One>(&answer)) {
        answer = resolver::Many{{one->recipient->name, owner->name}};
    } else {
        answer = resolver::One{owner};
    }
}

class BookSource final : public Source {
public:
    BookSource(std::shared_ptr<RecipientBook const> book, Health health)
        : book_(std::move(book)), health_(std::move(health)) {}

    std::string const& name() const override { return name_; }
    resolver::Answer find(resolver::LookupKey const& key) const override {
        return std::visit([this](auto const& k) { return book_->find(k); }, key);
    }
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override {
        Answers answers;
        answers.reserve(keys.size());
        for (auto const& key : keys) answers.push_back(find(key));
        done(std::move(answers));
    }
    Health health() const override { return health_; }

private:
    std::shared_ptr<RecipientBook const> book_;
    Health health_;
    std::string name_ = "what if";
};

}  // namespace

void RecipientBook::reserve(std::size_t recipients) {
    by_address_.reserve(recipients * 2);
    by_name_.reserve(recipients);
    all_.reserve(recipients);
}

void RecipientBook::add(resolver::RecipientPtr recipient) {
    by_name_.emplace(recipient->name.key, recipient);
    for (auto const& address : recipient->addresses) {
        add_owner(by_address_[address.key()], recipient);
    }
    for (auto const& x500 : recipient->x500_addresses) add_owner(by_x500_[x500.key()], recipient);
    all_.push_back(std::move(recipient));
}

resolver::Answer RecipientBook::find(mail::Mailbox const& address) const {
    auto const found = by_address_.find(address.key());
    if (found == by_address_.end()) return resolver::None{};
    return found->second;
}

resolver::Answer RecipientBook::find(resolver::EntryName const& name) const {
    auto const found = by_name_.find(name.key);
    if (found == by_name_.end()) return resolver::None{};
    return resolver::One{found->second};
}

resolver::Answer RecipientBook::find(mail::X500Address const& address) const {
    auto const found = by_x500_.find(address.key());
    if (found == by_x500_.end()) return resolver::None{};
    return found->second;
}

std::unique_ptr<DirectoryService> serve(std::shared_ptr<RecipientBook const> book, Health health) {
    std::vector<DirectoryService::Opened> sources;
    sources.push_back({"", std::make_shared<BookSource>(std::move(book), std::move(health))});
    return std::make_unique<DirectoryService>(std::move(sources));
}

}  // namespace splitmx::directory
