#include "admin/host_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace splitmx::admin {

namespace {

std::string seconds(mail::Duration duration) {
    return fmt::format("{:>7.3f} s", std::chrono::duration<double>(duration).count());
}

std::string line_text(HostTestLine const& line) {
    auto const when = line.after ? seconds(*line.after) : std::string(9, ' ');
    switch (line.kind) {
        case HostTestLine::Kind::note:
            return fmt::format("{}  {}\n", when, line.text);
        case HostTestLine::Kind::sent:
            return fmt::format("{}  > {}\n", when, line.text);
        case HostTestLine::Kind::received:
            break;
    }
    return fmt::format("{}  < {}\n", when, line.text);
}

}  // namespace

bool HostTest::works() const {
    return std::any_of(addresses.begin(), addresses.end(), [](auto const& one) {
        return one.works;
    });
}

std::string dialogue_text(HostTest const& test) {
    auto text = fmt::format("{}  {}\n", test.host, test.configured);
    if (!test.trouble.empty()) {
        return text + fmt::format("{}  no address: {}\n", seconds(test.lookup), test.trouble);
    }
    text += fmt::format(
        "{}  {} address{}\n", seconds(test.lookup), test.found, test.found == 1 ? "" : "es"
    );
    for (auto const& one : test.addresses) {
        text += fmt::format("\n{}\n", one.name);
        for (auto const& line : one.lines) text += line_text(line);
    }
    return text;
}

std::string to_text(HostTest const& test) {
    auto text = dialogue_text(test);
    if (!test.trouble.empty()) return text + fmt::format("\n{} takes no mail\n", test.host);
    auto const count = test.addresses.size();
    auto const working = static_cast<std::size_t>(std::count_if(
        test.addresses.begin(), test.addresses.end(), [](auto const& one) { return one.works; }
    ));
    auto const what = working == count ? "takes mail" : "takes mail, but not everywhere";
    text += fmt::format("\n{} {}", test.host, working == 0 ? "takes no mail" : what);
    if (count > 1) text += fmt::format(": {} of {} addresses work", working, count);
    return text + "\n";
}

}  // namespace splitmx::admin
