#include "ldap/sync_controls.hpp"

#include "ldap/ber.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace splitmx::ldap::sync {

namespace {

constexpr std::int32_t refresh_and_persist = 3;

// The choices of syncInfoValue (RFC 4533 2.5).
constexpr ber::Tag new_cookie_tag = 0x80;
constexpr ber::Tag refresh_delete_tag = 0xa1;
constexpr ber::Tag refresh_present_tag = 0xa2;
constexpr ber::Tag id_set_tag = 0xa3;

[[nodiscard]] Error malformed(std::string_view what) {
    return {Errc::protocol, "the server sent a " + std::string(what) + " that cannot be read"};
}

[[nodiscard]] std::optional<Cookie> to_cookie(std::string_view octets) {
    if (octets.empty()) return std::nullopt;
    return Cookie{std::string(octets)};
}

// A syncCookie that may be left out. False: there is something, but it is not whole.
[[nodiscard]] bool read_cookie(ber::Reader& reader, std::optional<Cookie>& out) {
    if (!reader.next_is(ber::octet_string)) return true;
    auto const octets = reader.content(ber::octet_string);
    if (octets) out = to_cookie(*octets);
    return octets.has_value();
}

// A BOOLEAN with a default. Nothing: there is something, but it is not whole.
[[nodiscard]] std::optional<bool> read_truth(ber::Reader& reader, bool otherwise) {
    return reader.next_is(ber::boolean) ? reader.truth() : std::optional(otherwise);
}

[[nodiscard]] Result<InfoValue> parse_phase_end(
    std::string_view octets, RefreshEnds::Phase phase, std::string_view name
) {
    ber::Reader reader(octets);
    PhaseEnd end{phase, true, std::nullopt};
    if (!read_cookie(reader, end.cookie)) return malformed(name);
    auto const done = read_truth(reader, true);
    if (!done) return malformed(name);
    end.refresh_done = *done;
    return InfoValue(std::move(end));
}

[[nodiscard]] Result<InfoValue> parse_id_set(std::string_view octets) {
    constexpr std::string_view name = "syncIdSet";
    ber::Reader reader(octets);
    IdSet out{IdSet::Meaning::present, {}, std::nullopt};
    if (!read_cookie(reader, out.cookie)) return malformed(name);
    auto const deletes = read_truth(reader, false);
    if (!deletes) return malformed(name);
    if (*deletes) out.meaning = IdSet::Meaning::removed;
    auto const ids = reader.content(ber::set);
    if (!ids) return malformed(name);
    ber::Reader members(*ids);
    out.ids.reserve(ids->size() / (EntryId::size + 2));
    while (!members.at_end()) {
        auto const id = members.content(ber::octet_string);
        auto const value = id ? EntryId::from_octets(*id) : std::nullopt;
        if (!value) return malformed(name);
        out.ids.push_back(*value);
    }
    return InfoValue(std::move(out));
}

// A change sequence number: 20261126122701.999220Z#000000#000#000000
[[nodiscard]] bool is_csn(std::string_view text) noexcept {
    constexpr std::string_view form = "dddddddddddddd.ddddddZ#xxxxxx#xxx#xxxxxx";
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        constexpr std::string_view digits = "0123456789abcdefABCDEF";
        bool const good = form[i] == 'd'   ? digits.find(text[i]) < 10
                          : form[i] == 'x' ? digits.find(text[i]) != std::string_view::npos
                                           : text[i] == form[i];
        if (!good) return false;
    }
    return true;
}

// What stands behind "csn=", when all of it is right; else empty.
// rid=000[,sid=000],csn=CSN[;CSN...][,delcsn=CSN]
[[nodiscard]] std::string_view csn_list(std::string_view text) noexcept {
    constexpr std::string_view mark = "csn=";
    auto const at = text.find(mark);
    if (at == std::string_view::npos || (at > 0 && text[at - 1] != ',')) return {};
    auto const all = text.substr(at + mark.size());
    auto const list = all.substr(0, all.find(','));
    for (auto rest = list;;) {
        auto const end = rest.find(';');
        if (!is_csn(rest.substr(0, end))) return {};
        if (end == std::string_view::npos) return list;
        rest.remove_prefix(end + 1);
    }
}

}  // namespace

bool is_plausible(Cookie const& cookie, ServerFacts const& facts) noexcept {
    if (facts.vendor == Vendor::openldap) return !csn_list(cookie.octets).empty();
    if (facts.vendor != Vendor::directory_389) return true;
    auto const number = change_number(cookie);
    return number && (!facts.first_change || *number + 1 >= *facts.first_change);
}

// localhost:389#cn=relay,cn=config:dc=example,dc=com:(objectClass=mailRecipient)#4711
std::optional<std::uint64_t> change_number(Cookie const& cookie) noexcept {
    auto const at = cookie.octets.rfind('#');
    if (at == std::string::npos) return std::nullopt;
    std::uint64_t number = 0;
    auto const* const end = cookie.octets.data() + cookie.octets.size();
    auto const [stop, error] = std::from_chars(cookie.octets.data() + at + 1, end, number);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

std::optional<std::string> newest_csn(Cookie const& cookie) {
    auto list = csn_list(cookie.octets);
    if (list.empty()) return std::nullopt;
    std::string_view newest;
    while (!list.empty()) {
        auto const end = std::min(list.find(';'), list.size());
        newest = std::max(newest, list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return std::string(newest);
}

std::string encode_request(std::optional<Cookie> const& cookie) {
    auto content = ber::number(ber::enumerated, refresh_and_persist);
    if (cookie) content += ber::element(ber::octet_string, cookie->octets);
    // reloadHint is FALSE: a cookie the server does not know shall be told (RFC 4533 2.2).
    return ber::element(ber::sequence, content);
}

Result<StateValue> parse_state(std::string_view octets) {
    constexpr std::string_view name = "Sync State";
    ber::Reader outer(octets);
    auto const content = outer.content(ber::sequence);
    if (!content || !outer.at_end()) return malformed(name);
    ber::Reader reader(*content);
    auto const state = reader.number(ber::enumerated);
    auto const octets_of_id = reader.content(ber::octet_string);
    if (!state || *state < 0 || *state > 3 || !octets_of_id) return malformed(name);
    auto const id = EntryId::from_octets(*octets_of_id);
    if (!id) return malformed(name);
    constexpr EntryChange::State states[] = {
        EntryChange::State::present,
        EntryChange::State::add,
        EntryChange::State::modify,
        EntryChange::State::remove};
    StateValue out{states[*state], *id, std::nullopt};
    if (!read_cookie(reader, out.cookie)) return malformed(name);
    return out;
}

Result<InfoValue> parse_info(std::string_view octets) {
    constexpr std::string_view name = "Sync Info";
    ber::Reader reader(octets);
    if (auto const cookie = reader.content(new_cookie_tag); cookie && reader.at_end()) {
        auto value = to_cookie(*cookie);
        return value ? InfoValue(NewCookie{std::move(*value)}) : InfoValue();
    }
    if (auto const content = reader.content(refresh_delete_tag); content && reader.at_end()) {
        return parse_phase_end(*content, RefreshEnds::Phase::deletes, "refreshDelete");
    }
    if (auto const content = reader.content(refresh_present_tag); content && reader.at_end()) {
        return parse_phase_end(*content, RefreshEnds::Phase::present, "refreshPresent");
    }
    if (auto const content = reader.content(id_set_tag); content && reader.at_end()) {
        return parse_id_set(*content);
    }
    return malformed(name);
}

std::string encode_page_request(std::int32_t size, std::string_view cookie) {
    return ber::element(
        ber::sequence, ber::number(ber::integer, size) + ber::element(ber::octet_string, cookie)
    );
}

Result<std::string> parse_page_cookie(std::string_view octets) {
    ber::Reader outer(octets);
    auto const content = outer.content(ber::sequence);
    ber::Reader reader(content.value_or(std::string_view()));
    auto const size = reader.number(ber::integer);
    auto const cookie = reader.content(ber::octet_string);
    if (!size || !cookie || !outer.at_end()) return malformed("page of results");
    return std::string(*cookie);
}

}  // namespace splitmx::ldap::sync
