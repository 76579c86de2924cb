// What the generators share: their arguments, NAME=VALUE, whom a message is for, and the way to the
// relay.
#pragma once

#include "smtp/net/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::bench {

class Arguments {
public:
    Arguments(int count, char** words) {
        for (int i = 1; i < count; ++i) {
            std::string const word = words[i];
            auto const equals = word.find('=');
            if (equals == std::string::npos) {
                fmt::print(stderr, "{}: {} is not NAME=VALUE\n", words[0], word);
                std::exit(64);
            }
            given_[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }
    std::string text(std::string const& name, std::string const& usual) const {
        auto const found = given_.find(name);
        return found == given_.end() ? usual : found->second;
    }
    std::size_t number(std::string const& name, std::size_t usual) const {
        auto const found = given_.find(name);
        return found == given_.end() ? usual : std::strtoull(found->second.c_str(), nullptr, 10);
    }

private:
    std::map<std::string, std::string> given_;
};

// Person number n is "uN.HOST@DOMAIN", the hosts taken in turn: the sink knows by the local part
// where a message belongs.
class People {
public:
    explicit People(Arguments const& given)
        : count_(given.number("people", 1000)), domain_(given.text("domain", "adatum.com")) {
        auto const names = given.text("hosts", "east,west");
        for (std::size_t from = 0; from <= names.size();) {
            auto const comma = std::min(names.find(',', from), names.size());
            hosts_.emplace_back(names.substr(from, comma - from));
            from = comma + 1;
        }
    }
    std::string address(std::size_t number) const {
        auto const person = number % count_;
        return fmt::format("u{}.{}@{}", person, hosts_[person % hosts_.size()], domain_);
    }

private:
    std::size_t count_;
    std::string domain_;
    std::vector<std::string> hosts_;
};

// One Client(run, connection) to `run.to`, until serve() ends.
template <typename Client, typename Run>
smtp::net::awaitable<void> serve_one(Run& run) {
    std::vector<smtp::net::Candidate> candidates;
    candidates.emplace_back(run.to, "relay");
    auto outcome = co_await smtp::net::connect(std::move(candidates));
    if (!outcome.connection) {
        ++run.broken;
        co_return;
    }
    Client one(run, std::move(*outcome.connection));
    co_await one.serve();
}

inline double quantile(std::vector<double>& values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

}  // namespace splitmx::bench
