#include "directory/directory_service.hpp"

#include "directory/merge.hpp"

#include <algorithm>
#include <mutex>

namespace splitmx::directory {

namespace {

// The answers of all sources to one question of several keys.
class MergeRound {
public:
    MergeRound(std::size_t sources, std::size_t keys, std::function<void(Answers)> done)
        : answers_(keys, Answers(sources)), open_(sources), done_(std::move(done)) {}

    void answer(std::size_t source, Answers answers) {
        std::unique_lock lock(mutex_);
        for (std::size_t key = 0; key < answers_.size(); ++key) {
            answers_[key][source] = std::move(answers[key]);
        }
        if (--open_ > 0) return;
        lock.unlock();
        Answers merged;
        merged.reserve(answers_.size());
        for (auto const& of_one_key : answers_) merged.push_back(merge(of_one_key));
        done_(std::move(merged));
    }

private:
    std::mutex mutex_;
    std::vector<Answers> answers_;  // by key, then by source
    std::size_t open_;
    std::function<void(Answers)> done_;
};

}  // namespace

std::shared_ptr<Source> DirectoryService::find_source(std::string const& setup) const {
    auto const found = std::find_if(sources_.begin(), sources_.end(), [&](Opened const& one) {
        return one.setup == setup;
    });
    return found == sources_.end() ? nullptr : found->source;
}

resolver::Answer DirectoryService::find(resolver::LookupKey const& key) const {
    if (sources_.size() == 1) return sources_.front().source->find(key);
    Answers answers;
    answers.reserve(sources_.size());
    for (auto const& [setup, source] : sources_) answers.push_back(source->find(key));
    return merge(answers);
}

void DirectoryService::ask(
    std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done
) {
    // Without any directory nobody can say that an address does not exist.
    if (sources_.empty()) {
        return done(Answers(keys.size(), resolver::Unavailable{"no directory is configured"}));
    }
    auto const round = std::make_shared<MergeRound>(sources_.size(), keys.size(), std::move(done));
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        sources_[i].source->ask(keys, [round, i](Answers answers) {
            round->answer(i, std::move(answers));
        });
    }
}

std::shared_ptr<Source const> DirectoryService::source(std::string const& name) const {
    auto const found = std::find_if(sources_.begin(), sources_.end(), [&](Opened const& one) {
        return one.source->name() == name;
    });
    return found == sources_.end() ? nullptr : found->source;
}

std::optional<copy::AcceptResult> DirectoryService::accept_removals(std::string const& name) {
    for (auto const& opened : sources_) {
        if (opened.source->name() == name) return opened.source->accept_removals();
    }
    return std::nullopt;
}

bool DirectoryService::read_again(std::string const& name) {
    for (auto const& opened : sources_) {
        if (opened.source->name() == name) return opened.source->read_again();
    }
    return false;
}

std::vector<SourceHealth> DirectoryService::health() const {
    std::vector<SourceHealth> all;
    for (auto const& [setup, source] : sources_) all.push_back({source->name(), source->health()});
    return all;
}

Health DirectoryService::overall_health() const {
    Health worst;
    bool first = true;
    for (auto const& [setup, source] : sources_) {
        auto const health = source->health();
        if (first || health.state < worst.state) worst.state = health.state;
        worst.age_s = std::max(worst.age_s, health.age_s);
        if (worst.detail.empty()) worst.detail = health.detail;
        first = false;
    }
    return worst;
}

}  // namespace splitmx::directory
