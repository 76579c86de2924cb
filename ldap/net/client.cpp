#include "ldap/net/client.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/message.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <ldap.h>

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

[[nodiscard]] timeval to_timeval(std::chrono::milliseconds time) noexcept {
    // The protocol counts whole seconds, and 0 is "no limit".
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
    return {std::max<std::chrono::seconds::rep>(seconds, 1), 0};
}

}  // namespace

Client::Client(boost::asio::io_context& io, Handle handle, std::function<void(Error)> on_lost)
    : io_(io), handle_(std::move(handle)), descriptor_(io), on_lost_(std::move(on_lost)) {
    watch_writes(handle_.get(), write_blocked_);
}

Client::~Client() = default;

void Client::start() {
    int const copy = ::fcntl(descriptor_of(handle_.get()), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        boost::asio::post(io_, [self = shared_from_this()] {
            self->lose(Error(Errc::unreachable, "no more file descriptors"));
        });
        return;
    }
    descriptor_.assign(copy);
    wait_readable();
}

bool Client::is_full() const noexcept {
    return !handle_ || write_blocked_ || write_waits_ || searches_.size() >= max_outstanding;
}

Result<Client::Id> Client::search(
    SearchRequest const& request, std::chrono::milliseconds time_limit, Done done
) {
    auto attributes = to_array(request.attributes);
    auto limit = to_timeval(time_limit);
    Id id = 0;
    auto const code = ldap_search_ext(
        handle_.get(),
        request.base.text().c_str(),
        to_libldap(request.scope),
        request.filter.text().c_str(),
        attributes.empty() ? nullptr : attributes.data(),
        0,
        nullptr,
        nullptr,
        &limit,
        request.size_limit,
        &id
    );
    if (code != LDAP_SUCCESS) return local_error(handle_.get(), code, "search");
    Search search;
    search.limit = static_cast<std::size_t>(std::max(request.size_limit, 0));
    search.done = std::move(done);
    searches_.emplace(id, std::move(search));
    wait_writable_if_needed();
    return id;
}

void Client::abandon(Id id) {
    if (searches_.erase(id) == 0 || !handle_) return;
    ldap_abandon_ext(handle_.get(), id, nullptr, nullptr);
    wait_writable_if_needed();
}

void Client::close(Error const& why) {
    if (!handle_) return;
    auto const self = shared_from_this();
    // Asio lets go of its duplicate first: libldap closes the descriptor behind it.
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    handle_.reset();
    for (auto& [id, search] : std::exchange(searches_, {})) search.done(why);
}

void Client::lose(Error const& why) {
    if (!handle_) return;
    auto const self = shared_from_this();
    close(why);
    if (auto const on_lost = std::exchange(on_lost_, nullptr)) on_lost(why);
}

void Client::wait_readable() {
    if (read_waits_) return;
    read_waits_ = true;
    descriptor_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this()](boost::system::error_code error) {
            self->read_waits_ = false;
            if (!error) self->drain();
        }
    );
}

void Client::wait_writable_if_needed() {
    if (write_waits_ || !write_blocked_) return;
    write_waits_ = true;
    descriptor_.async_wait(
        boost::asio::posix::stream_descriptor::wait_write,
        [self = shared_from_this()](boost::system::error_code error) {
            self->write_waits_ = false;
            if (error) return;
            // ldap_result writes what is left over. It may read too, so all it has must be taken.
            self->drain();
            if (self->handle_) self->wait_writable_if_needed();
        }
    );
}

void Client::drain() {
    for (int count = 0; count < messages_per_turn; ++count) {
        if (!handle_) return;
        LDAPMessage* raw = nullptr;
        timeval now{};
        auto const type = ldap_result(handle_.get(), LDAP_RES_ANY, LDAP_MSG_ONE, &now, &raw);
        Message const message(raw);
        if (type == 0) return wait_readable();
        if (type < 0) {
            int code = LDAP_SERVER_DOWN;
            ldap_get_option(handle_.get(), LDAP_OPT_RESULT_CODE, &code);
            if (code == LDAP_SUCCESS) code = LDAP_SERVER_DOWN;
            auto error = local_error(handle_.get(), code, "connection lost");
            error.code = Errc::unreachable;
            return lose(error);
        }
        last_heard_ = Clock::now();
        take(message.get());
    }
    // Not wait_readable: what is left may be in libldap's buffers, and the socket stay quiet.
    boost::asio::post(io_, [self = shared_from_this()] { self->drain(); });
}

void Client::take(::ldapmsg* message) {
    auto const id = ldap_msgid(message);
    switch (ldap_msgtype(message)) {
        case LDAP_RES_SEARCH_ENTRY:
            return take_entry(id, message);
        case LDAP_RES_SEARCH_RESULT: {
            auto const found = searches_.find(id);
            if (found == searches_.end()) return;
            answered_ = true;
            if (auto error = to_error(handle_.get(), message)) return finish(id, *error);
            return finish(id, std::move(found->second.entries));
        }
        case LDAP_RES_SEARCH_REFERENCE: {
            auto const found = searches_.find(id);
            if (found == searches_.end()) return;
            auto& references = found->second.entries.references;
            for (auto& uri : references_in(handle_.get(), message)) {
                references.push_back(std::move(uri));
            }
            return;
        }
        default:
            return;  // notices
    }
}

void Client::take_entry(Id id, ::ldapmsg* message) {
    auto const found = searches_.find(id);
    if (found == searches_.end()) return;
    auto& search = found->second;
    auto entry = to_entry(handle_.get(), message);
    bool const too_many = search.limit > 0 && search.entries.size() == search.limit;
    if (entry && !too_many) {
        search.entries.push_back(std::move(*entry));
        return;
    }
    auto const error =
        entry ? Error(Errc::size_limit, "the server sent more than the size limit") : entry.error();
    ldap_abandon_ext(handle_.get(), id, nullptr, nullptr);
    finish(id, error);
}

void Client::finish(Id id, SearchResult result) {
    auto node = searches_.extract(id);
    if (!node.empty()) node.mapped().done(std::move(result));
}

}  // namespace splitmx::ldap::net
