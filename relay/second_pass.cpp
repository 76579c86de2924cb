#include "relay/second_pass.hpp"

#include "relay/hop.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace splitmx::relay {

namespace {

bool may_come_back(spool::QueuedRecipient const& recipient, resolver::RoutingTable const& table) {
    if (recipient.hop.empty() || reason_of_failed_hop(recipient.hop)) return false;
    auto const host = host_of(recipient.hop, table);
    return host && host->protocol != resolver::Protocol::lmtp;
}

std::string as_mark(spool::QueuedRecipient const& recipient, mail::SipKey const& key) {
    return mail::pass_mark(key, recipient.rcpt, recipient.hop);
}

mail::Error about(std::filesystem::path const& file, int error) {
    return mail::Error{file.string() + ": " + std::generic_category().message(error), 0};
}

mail::Result<mail::SipKey> make_key(std::filesystem::path const& file) {
    mail::SipKey key{};
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
        return about(file, errno);
    }
    auto const fresh = file.string() + ".new";
    int const out = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) return about(fresh, errno);
    bool const written = ::write(out, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
                         ::fsync(out) == 0;
    auto const error = errno;
    ::close(out);
    if (!written) return about(fresh, error);
    if (::rename(fresh.c_str(), file.c_str()) != 0) return about(file, errno);
    return key;
}

}  // namespace

std::vector<std::string> marks_of(
    spool::QueueItem const& item, resolver::RoutingTable const& table, mail::SipKey const& key
) {
    std::vector<std::string> marks;
    for (auto const& recipient : item.recipients) {
        if (may_come_back(recipient, table)) marks.push_back(as_mark(recipient, key));
    }
    return marks;
}

std::size_t refuse_second_pass(
    spool::QueueItem& item,
    resolver::RoutingTable const& table,
    mail::SipKey const& key,
    std::set<std::string> const& seen
) {
    std::size_t refused = 0;
    if (seen.empty()) return refused;
    for (auto& recipient : item.recipients) {
        if (!may_come_back(recipient, table) || !seen.contains(as_mark(recipient, key))) continue;
        recipient.last_status.emplace(
            554,
            mail::EnhancedCode{4, 6},
            fmt::format(
                "Mail loop: <{}> was sent to {} before, has come back from {}, and would go to {} "
                "again",
                recipient.original,
                host_name(recipient.hop),
                item.client,
                host_name(recipient.hop)
            )
        );
        recipient.hop = failed_hop(mail::Reason::loop);
        ++refused;
    }
    return refused;
}

mail::Result<mail::SipKey> load_pass_key(std::filesystem::path const& file) {
    int const in = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        if (errno != ENOENT) return about(file, errno);
        return make_key(file);
    }
    mail::SipKey key{};
    auto const got = ::read(in, key.data(), key.size());
    ::close(in);
    // Cut off by a crash: a new one costs the recognition of loops that are under way.
    if (got != static_cast<ssize_t>(key.size())) return make_key(file);
    return key;
}

}  // namespace splitmx::relay
