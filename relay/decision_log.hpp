// [log] decisions: one JSON object a line for each decision about a recipient, as `splitmx resolve
// --json` prints it, with when, for whom and by which configuration it was made.
// Threads: as a Witness; set_config() any. Ownership: of the file. Errors: opening it.
#pragma once

#include "observe/line_file.hpp"
#include "observe/witness.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace splitmx::relay {

// Pure: the line of an event without its end; empty for what is no decision. `config`: the hash.
std::string decision_line(
    observe::Event const& event, std::string const& config, mail::Instant now
);

class DecisionLog final : public observe::Witness {
public:
    static mail::Result<std::unique_ptr<DecisionLog>> open(std::filesystem::path file);

    void see(observe::Event const& event) override;
    void set_config(std::string hash);
    mail::Result<void> reopen() { return file_->reopen(); }

private:
    explicit DecisionLog(std::unique_ptr<observe::LineFile> file) : file_(std::move(file)) {}

    std::unique_ptr<observe::LineFile> file_;
    std::mutex mutex_;
    std::string config_;
};

}  // namespace splitmx::relay
