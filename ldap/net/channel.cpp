#include "ldap/net/channel.hpp"

#include "ldap/net/libldap.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::ldap::net {

void Channel::Free::operator()(::ldapmsg* message) const noexcept { ldap_msgfree(message); }

Channel::Channel(Handle handle, Interrupt const& interrupt)
    : handle_(std::move(handle)), interrupt_(interrupt) {
    watch_writes(handle_.get(), write_blocked_);
}

Channel::~Channel() = default;

Result<Channel::Id> Channel::search(
    SearchRequest const& request, std::optional<Control> const& control
) {
    if (broken_) return *broken_;
    auto attributes = to_array(request.attributes);
    // libldap wants char*, and does not write to it.
    LDAPControl out{};
    if (control) {
        out.ldctl_oid = const_cast<char*>(control->oid.c_str());
        // One that has no value is told without any (MS-ADTS 3.1.1.3.4.1.14).
        if (!control->value.empty()) {
            out.ldctl_value = {control->value.size(), const_cast<char*>(control->value.data())};
        }
        out.ldctl_iscritical = 1;
    }
    std::array<LDAPControl*, 2> controls{&out, nullptr};
    Id id = 0;
    auto const code = ldap_search_ext(
        handle_.get(),
        request.base.text().c_str(),
        to_libldap(request.scope),
        request.filter.text().c_str(),
        attributes.empty() ? nullptr : attributes.data(),
        0,
        control ? controls.data() : nullptr,
        nullptr,
        nullptr,
        request.size_limit,
        &id
    );
    if (code != LDAP_SUCCESS) return local_error(handle_.get(), code, "search");
    return id;
}

void Channel::abandon(Id id) { ldap_abandon_ext(handle_.get(), id, nullptr, nullptr); }

Result<Channel::Received> Channel::next() {
    if (broken_) return *broken_;
    LDAPMessage* raw = nullptr;
    timeval now{};
    auto const type = ldap_result(handle_.get(), LDAP_RES_ANY, LDAP_MSG_ONE, &now, &raw);
    if (type >= 0) return Received(raw);
    broken_ = Error(Errc::unreachable, "the connection broke");
    return *broken_;
}

void Channel::wait(Clock::time_point until) const {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    constexpr decltype(left) longest = 3'600'000;
    std::array items{
        pollfd{
            descriptor_of(handle_.get()),
            static_cast<short>(write_blocked_ ? POLLIN | POLLOUT : POLLIN),
            0},
        pollfd{interrupt_.descriptor(), POLLIN, 0}};
    ::poll(
        items.data(), items.size(), static_cast<int>(std::clamp(left, decltype(left){0}, longest))
    );
}

SearchResult Channel::ask(SearchRequest const& request, Clock::time_point until) {
    auto const id = search(request);
    if (!id) return id.error();
    std::vector<Entry> entries;
    for (;;) {
        auto message = next();
        if (!message) return message.error();
        if (*message) {
            if (auto result = take(*id, message->get(), entries)) return std::move(*result);
            continue;
        }
        if (interrupt_.is_pending()) return Error(Errc::stopped, "interrupted");
        if (Clock::now() >= until) {
            abandon(*id);
            return Error(Errc::timeout, "the server did not answer in time");
        }
        wait(until);
    }
}

std::optional<SearchResult> Channel::take(Id id, ::ldapmsg* message, std::vector<Entry>& entries) {
    if (ldap_msgid(message) != id) return std::nullopt;
    switch (ldap_msgtype(message)) {
        case LDAP_RES_SEARCH_ENTRY: {
            auto entry = to_entry(handle_.get(), message);
            if (!entry) return SearchResult(entry.error());
            entries.push_back(std::move(*entry));
            return std::nullopt;
        }
        case LDAP_RES_SEARCH_RESULT:
            if (auto error = to_error(handle_.get(), message)) return SearchResult(*error);
            return SearchResult(Found(std::move(entries)));
        default:
            return std::nullopt;
    }
}

}  // namespace splitmx::ldap::net
