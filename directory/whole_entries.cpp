#include "directory/whole_entries.hpp"

#include "ldap/ranged_values.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace splitmx::directory {

namespace {

// One answer on its way to be whole, entry by entry.
class Completion : public std::enable_shared_from_this<Completion> {
public:
    Completion(
        SearchFunction search, ldap::Found found, std::function<void(ldap::SearchResult)> done
    )
        : search_(std::move(search)), found_(std::move(found)), done_(std::move(done)) {}

    void go_on() {
        for (; at_ < found_.size(); ++at_) {
            if (!values_) values_.emplace(std::move(found_[at_]));
            if (auto question = values_->question()) return ask(std::move(*question));
            found_[at_] = values_->take_entry();
            values_.reset();
        }
        done_(std::move(found_));
    }

private:
    void ask(std::string attribute) {
        ldap::SearchRequest request;
        request.base = values_->entry().dn();
        request.scope = ldap::Scope::base;
        request.attributes = {std::move(attribute)};
        auto done = [self = shared_from_this()](ldap::SearchResult const& result) {
            if (result && !result->empty()) {
                self->values_->take(result->front());
            } else {
                self->values_->give_up();
            }
            self->go_on();
        };
        search_(std::move(request), std::move(done));
    }

    SearchFunction search_;
    ldap::Found found_;
    std::function<void(ldap::SearchResult)> done_;
    std::size_t at_ = 0;
    std::optional<ldap::RangedValues> values_;  // of the entry there
};

}  // namespace

SearchFunction with_all_values(SearchFunction search) {
    return [search = std::move(search
            )](ldap::SearchRequest request, std::function<void(ldap::SearchResult)> done) {
        search(std::move(request), [search, done = std::move(done)](ldap::SearchResult result) {
            bool const whole =
                !result ||
                std::none_of(result->begin(), result->end(), ldap::RangedValues::is_needed);
            if (whole) return done(std::move(result));
            std::make_shared<Completion>(search, std::move(*result), done)->go_on();
        });
    };
}

}  // namespace splitmx::directory
