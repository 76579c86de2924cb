// One JSON object as it is written, member after member: no tree, no copies. Text may be any octets;
// what people could not see in a line, and what is no UTF-8, stands as \xNN (mail::to_log_text), so
// the object is one line of valid UTF-8 whatever comes in.
// Threads: a value of one thread. Ownership: writes into a string that outlives it. Source: RFC 8259.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::observe {

class JsonObject {
public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }

    // The names are ours: they need no escaping.
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& text_unless_empty(std::string_view name, std::string_view value);
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& seconds(std::string_view name, std::int64_t milliseconds);  // 1.250
    JsonObject& flag(std::string_view name, bool value);
    JsonObject& texts(std::string_view name, std::vector<std::string> const& values);
    // `write` appends one JSON value.
    template <class Write>
    JsonObject& value(std::string_view name, Write&& write) {
        begin(name);
        write(out_);
        return *this;
    }

    void end() { out_ += '}'; }

private:
    void begin(std::string_view name);

    std::string& out_;
    bool is_first_ = true;
};

// With its quotes.
void append_json_text(std::string& out, std::string_view value);

}  // namespace splitmx::observe
