#include "ldap/dirsync.hpp"

#include "ldap/ber.hpp"

#include <charconv>
#include <utility>

namespace splitmx::ldap::dirsync {

namespace {

constexpr std::int32_t object_security = 1;
// No limit of ours: the server pages as it likes (Active Directory about a megabyte at a time).
constexpr std::int32_t most_octets = 0x7fffffff;
constexpr std::string_view head = "dirsync 1\n";

[[nodiscard]] Error malformed() {
    return {Errc::protocol, "the server sent a DirSync answer that cannot be read"};
}

[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text) {
    auto const end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    auto const line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::string encode_request(std::string_view place) {
    return ber::element(
        ber::sequence,
        ber::number(ber::integer, object_security) + ber::number(ber::integer, most_octets) +
            ber::element(ber::octet_string, place)
    );
}

Result<Answer> parse_answer(std::string_view octets) {
    ber::Reader outer(octets);
    auto const content = outer.content(ber::sequence);
    ber::Reader reader(content.value_or(std::string_view()));
    auto const more = reader.number(ber::integer);
    auto const unused = reader.number(ber::integer);
    auto const place = reader.content(ber::octet_string);
    if (!more || !unused || !place || place->empty() || !outer.at_end()) return malformed();
    return Answer{*more != 0, std::string(*place)};
}

sync::Cookie to_cookie(Stand const& stand) {
    std::string octets(head);
    octets += stand.server + "\n" + std::to_string(stand.usn) + "\n" + stand.place;
    return {std::move(octets)};
}

std::optional<Stand> to_stand(sync::Cookie const& cookie) {
    std::string_view rest = cookie.octets;
    if (!rest.starts_with(head)) return std::nullopt;
    rest.remove_prefix(head.size());
    auto const server = take_line(rest);
    auto const number = take_line(rest);
    if (!server || !number || rest.empty()) return std::nullopt;
    Stand stand{std::string(*server), 0, std::string(rest)};
    auto const* const end = number->data() + number->size();
    auto const [at, error] = std::from_chars(number->data(), end, stand.usn);
    if (error != std::errc{} || at != end) return std::nullopt;
    return stand;
}

Filter nobody() { return Filter::none_of(Filter()); }

std::vector<std::string> delta_attributes() {
    return {std::string(id_attribute), "objectClass", "name", "isDeleted"};
}

void Delta::see(Entry const& entry) {
    auto const octets = entry.first(id_attribute);
    auto const id = octets ? EntryId::from_octets(*octets) : std::nullopt;
    if (!id) return;
    if (entry.has_value_no_case("isDeleted", "TRUE")) {
        removed.push_back(*id);
        return;
    }
    // The class changes once: when an object comes to be.
    changed.push_back({*id, entry.dn(), entry.has("name") && !entry.has("objectClass")});
}

Filter these(std::span<Touched const> objects, Filter const& among) {
    std::vector<Filter> any;
    for (auto const& object : objects) {
        auto const& octets = object.id.octets();
        any.push_back(Filter::equal(
            id_attribute,
            std::string_view(reinterpret_cast<char const*>(octets.data()), octets.size())
        ));
    }
    return Filter::all_of({Filter::any_of(any), among});
}

Filter holders(
    std::span<Dn const> names, std::vector<std::string> const& attributes, Filter const& among
) {
    std::vector<Filter> any;
    for (auto const& name : names) {
        for (auto const& attribute : attributes) any.push_back(Filter::equal(attribute, name.text()));
    }
    return Filter::all_of({Filter::any_of(any), among});
}

}  // namespace splitmx::ldap::dirsync
