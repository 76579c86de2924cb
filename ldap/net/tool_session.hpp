// One connection for a tool that reads a directory whole, or changes an entry: blocking, one
// operation at a time. The daemon uses it for logins alone, on threads for that.
// Reading goes page by page (RFC 2696), so that a server's size limit for one answer does not cut
// it short; what is not complete is an error. A change is sent once and never again by itself:
// after a broken connection nobody knows whether it was made, and the error says so. Ownership:
// owns its handle. Threads: one. Errors: Errc; Error::what is the server's own words.
#pragma once

#include "ldap/change.hpp"
#include "ldap/net/connect.hpp"
#include "ldap/search.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace splitmx::ldap::net {

class ToolSession {
public:
    // The first of the servers that works; else the errors of all of them, with their URIs.
    [[nodiscard]] static Result<ToolSession> open(std::vector<ConnectSettings> const& servers);

    // `timeout` is for each page; a page size of 0 asks for all at once.
    [[nodiscard]] SearchResult read_all(
        SearchRequest const& request, std::chrono::milliseconds timeout, int page_size = 500
    );
    // At most `count` entries, of however many there are.
    [[nodiscard]] SearchResult read_first(
        SearchRequest const& request, std::chrono::milliseconds timeout, int count
    );
    [[nodiscard]] Result<void> apply(Change const& change, std::chrono::milliseconds timeout);

    [[nodiscard]] std::string const& uri() const noexcept { return uri_; }

private:
    ToolSession(Handle handle, std::string uri)
        : handle_(std::move(handle)), uri_(std::move(uri)) {}

    Handle handle_;
    std::string uri_;
};

}  // namespace splitmx::ldap::net
