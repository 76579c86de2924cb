#include "ldap/reference.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace splitmx::ldap {

namespace {

// Nothing: a percent sign without two digits.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned octet = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        auto const* const end = text.data() + i + 3;
        auto const [stop, failure] = std::from_chars(text.data() + i + 1, end, octet, 16);
        if (failure != std::errc() || stop != end) return std::nullopt;
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

bool is_partition_without_people(Dn const& dn) {
    constexpr std::array partitions{
        "dc=domaindnszones,", "dc=forestdnszones,", "cn=configuration,", "cn=schema,"};
    return std::any_of(partitions.begin(), partitions.end(), [&](std::string_view partition) {
        return dn.key().starts_with(partition);
    });
}

}  // namespace

std::optional<Dn> place_of(std::string_view uri) {
    auto const host = uri.find("://");
    if (host == std::string_view::npos) return std::nullopt;
    auto const slash = uri.find('/', host + 3);
    if (slash == std::string_view::npos) return std::nullopt;
    auto text = uri.substr(slash + 1);
    auto const name = decoded(text.substr(0, text.find('?')));
    if (!name || name->empty()) return std::nullopt;
    auto dn = Dn::parse(*name);
    if (!dn) return std::nullopt;
    return std::move(*dn);
}

std::vector<std::string> unseen_places(
    std::vector<std::string> const& uris, std::vector<Dn> const& known
) {
    std::vector<std::string> unseen;
    for (auto const& uri : uris) {
        auto const place = place_of(uri);
        bool const seen = place && (is_partition_without_people(*place) ||
                                    std::any_of(known.begin(), known.end(), [&](Dn const& base) {
                                        return place->is_within(base);
                                    }));
        if (!seen) unseen.push_back(uri);
    }
    return unseen;
}

}  // namespace splitmx::ldap
