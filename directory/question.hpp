// One call of Source::ask(), while its answers come in one by one: counts them, and tells when all
// are there. Threads: any. Ownership: shared by whoever answers.
#pragma once

#include "directory/source.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace splitmx::directory {

class Question {
public:
    Question(std::size_t size, std::function<void(Answers)> done)
        : answers_(size), open_(size), done_(std::move(done)) {}

    void answer(std::size_t place, resolver::Answer value) {
        std::unique_lock lock(mutex_);
        answers_[place] = std::move(value);
        if (--open_ > 0) return;
        lock.unlock();
        done_(std::move(answers_));
    }

private:
    std::mutex mutex_;
    Answers answers_;
    std::size_t open_;
    std::function<void(Answers)> done_;
};

struct Waiting {
    std::shared_ptr<Question> question;
    std::size_t place;
};

}  // namespace splitmx::directory
