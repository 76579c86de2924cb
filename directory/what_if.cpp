#include "directory/what_if.hpp"

#include "schema/recipient_filter.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace splitmx::directory {

namespace {

using resolver::Answer;

class ChangedSource final : public Source {
public:
    ChangedSource(
        DirectoryService& present, resolver::EntryName changed, resolver::RecipientPtr now
    )
        : present_(present), changed_(std::move(changed)), now_(std::move(now)) {}

    std::string const& name() const override { return name_; }
    Answer find(resolver::LookupKey const& key) const override {
        auto const present = present_.find(key);
        if (auto const left = left_over(key, present)) return present_.find(*left);
        return after(key, present);
    }
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override {
        present_.ask(keys, [this, keys, done = std::move(done)](Answers answers) {
            std::vector<resolver::LookupKey> names;
            std::vector<std::size_t> places;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (auto const left = left_over(keys[i], answers[i])) {
                    names.emplace_back(*left);
                    places.push_back(i);
                }
                answers[i] = after(keys[i], answers[i]);
            }
            if (names.empty()) return done(std::move(answers));
            present_.ask(std::move(names), [answers, places, done](Answers more) mutable {
                for (std::size_t i = 0; i < places.size(); ++i) {
                    answers[places[i]] = std::move(more[i]);
                }
                done(std::move(answers));
            });
        });
    }
    Health health() const override { return present_.overall_health(); }

private:
    // Never asked of an entry's name, which is the entry's own.
    bool owns(resolver::LookupKey const& key) const {
        if (!now_) return false;
        auto const* x500 = std::get_if<mail::X500Address>(&key);
        return x500 ? schema::owns(*now_, *x500)
                    : schema::owns(*now_, std::get<mail::Mailbox>(key));
    }

    static std::vector<resolver::EntryName> owners_in(Answer const& answer) {
        if (auto const* many = std::get_if<resolver::Many>(&answer)) return many->names;
        auto const* one = std::get_if<resolver::One>(&answer);
        return one ? std::vector{one->recipient->name} : std::vector<resolver::EntryName>();
    }

    std::vector<resolver::EntryName> others_in(Answer const& answer) const {
        auto others = owners_in(answer);
        std::erase_if(others, [this](auto const& name) { return name == changed_; });
        return others;
    }

    // Of two owners the other one is left; which recipient that is, only its name tells.
    std::optional<resolver::EntryName> left_over(
        resolver::LookupKey const& key, Answer const& answer
    ) const {
        bool const by_name = std::holds_alternative<resolver::EntryName>(key);
        if (by_name || !std::holds_alternative<resolver::Many>(answer) || owns(key)) return {};
        auto others = others_in(answer);
        if (others.size() != 1) return std::nullopt;
        return std::move(others.front());
    }

    Answer after(resolver::LookupKey const& key, Answer const& answer) const {
        if (std::holds_alternative<resolver::NotAsked>(answer)) return answer;
        if (auto const* name = std::get_if<resolver::EntryName>(&key)) {
            return *name == changed_ ? itself() : answer;
        }
        auto others = others_in(answer);
        bool const owned = owns(key);
        if (others.empty() && owned) return itself();
        if (others.empty()) return owners_in(answer).empty() ? answer : Answer(resolver::None{});
        if (!owned && std::holds_alternative<resolver::One>(answer)) return answer;
        if (owned) others.push_back(changed_);
        return resolver::Many{std::move(others)};
    }

    Answer itself() const { return now_ ? Answer(resolver::One{now_}) : Answer(resolver::None{}); }

    DirectoryService& present_;
    resolver::EntryName changed_;
    resolver::RecipientPtr now_;
    std::string name_ = "what if";
};

}  // namespace

std::unique_ptr<DirectoryService> what_if(
    DirectoryService& present, resolver::EntryName changed, resolver::RecipientPtr now
) {
    std::vector<DirectoryService::Opened> sources;
    sources.push_back(
        {"", std::make_shared<ChangedSource>(present, std::move(changed), std::move(now))}
    );
    return std::make_unique<DirectoryService>(std::move(sources));
}

}  // namespace splitmx::directory
