// What is wrong with a configuration, and where. All findings of a file are made in one run, so
// that an administrator mends it in one go. Threads: plain values. Source: contract of `splitmx
// config check`.
#pragma once

#include "config/source_position.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::config {

enum class Severity { error, warning };

struct Finding {
    Severity severity = Severity::error;
    SourcePosition position;
    std::string text;  // one line, no full stop
    std::string hint;  // what to do; may be empty
};

class Findings {
public:
    void error(SourcePosition position, std::string text, std::string hint = {});
    void warning(SourcePosition position, std::string text, std::string hint = {});

    std::vector<Finding> const& all() const { return findings_; }
    bool has_errors() const;
    bool empty() const { return findings_.empty(); }
    // Errors first, each kind in the order of the file; what has no place in it stands last.
    void sort();

private:
    std::vector<Finding> findings_;
};

// "FILE:LINE:COL: error: text", below it the source line and a caret with the hint:
//
//     new.toml:67:1: error: unknown key "unkown" in [[domain]]
//       67 | unkown = "reject"
//            ^~~~~~  did you mean "unknown"?
// A long source line is cut around the place. What fits 80 columns beside the caret stands there.
std::string render(Finding const& finding, std::string_view file, std::string_view source);
std::string render(Findings const& findings, std::string_view file, std::string_view source);

}  // namespace splitmx::config
