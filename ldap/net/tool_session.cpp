#include "ldap/net/tool_session.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/message.hpp"

#include <fmt/format.h>
#include <ldap.h>

#include <memory>
#include <optional>
#include <stop_token>

namespace splitmx::ldap::net {

namespace {

struct ControlDeleter {
    void operator()(LDAPControl* control) const noexcept { ldap_control_free(control); }
};
using OwnedControl = std::unique_ptr<LDAPControl, ControlDeleter>;

timeval whole_seconds(std::chrono::milliseconds time) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
    return {static_cast<time_t>(seconds), 0};
}

// One search from page to page.
class Reading {
public:
    Reading(::ldap* handle, SearchRequest const& request, std::chrono::milliseconds timeout)
        : handle_(handle),
          request_(request),
          timeout_(timeout),
          attributes_(to_array(request.attributes)) {}

    SearchResult run(int page_size) {
        do {
            if (auto error = send(page_size)) return *error;
            if (auto error = receive()) return *error;
        } while (!cookie_.empty());
        return std::move(entries_);
    }

    // One page, whatever the server says of the others.
    SearchResult run_first(int count) {
        if (auto error = send(count)) return *error;
        auto const error = receive();
        if (error && error->code != Errc::size_limit) return *error;
        auto const size = static_cast<std::size_t>(count);
        if (entries_.size() > size) entries_.resize(size);
        return std::move(entries_);
    }

private:
    // None where the whole answer comes at once.
    Result<OwnedControl> page_control(int page_size) {
        if (page_size == 0) return OwnedControl();
        berval cookie{cookie_.size(), cookie_.data()};
        LDAPControl* raw = nullptr;
        auto const made = ldap_create_page_control(
            handle_, page_size, cookie_.empty() ? nullptr : &cookie, 0, &raw
        );
        if (made != LDAP_SUCCESS) return local_error(handle_, made, "search");
        return OwnedControl(raw);
    }

    std::optional<Error> send(int page_size) {
        auto paged = page_control(page_size);
        if (!paged) return paged.error();
        LDAPControl* controls[] = {paged->get(), nullptr};
        auto limit = whole_seconds(timeout_);
        auto const sent = ldap_search_ext(
            handle_,
            request_.base.text().c_str(),
            to_libldap(request_.scope),
            request_.filter.text().c_str(),
            attributes_.empty() ? nullptr : attributes_.data(),
            0,
            *paged ? controls : nullptr,
            nullptr,
            &limit,
            request_.size_limit,
            &id_
        );
        if (sent != LDAP_SUCCESS) return local_error(handle_, sent, "search");
        return std::nullopt;
    }

    // Takes the entries of one page, to its end.
    std::optional<Error> receive() {
        for (;;) {
            LDAPMessage* raw = nullptr;
            auto wait = whole_seconds(timeout_);
            int const type = ldap_result(handle_, id_, LDAP_MSG_ONE, &wait, &raw);
            Message const message(raw);
            if (type == 0) return Error(Errc::timeout, "the server does not answer in time");
            if (type < 0) {
                auto error = local_error(handle_, LDAP_SERVER_DOWN, "connection lost");
                error.code = Errc::unreachable;
                return error;
            }
            if (type == LDAP_RES_SEARCH_ENTRY) {
                auto entry = to_entry(handle_, message.get());
                if (!entry) return entry.error();
                entries_.push_back(std::move(*entry));
            } else if (type == LDAP_RES_SEARCH_REFERENCE) {
                for (auto& uri : references_in(handle_, message.get())) {
                    entries_.references.push_back(std::move(uri));
                }
            } else if (type == LDAP_RES_SEARCH_RESULT) {
                return finish(message.get());
            }
        }
    }

    std::optional<Error> finish(LDAPMessage* message) {
        if (auto error = to_error(handle_, message)) return error;
        LDAPControl** controls = nullptr;
        int code = 0;
        ldap_parse_result(handle_, message, &code, nullptr, nullptr, nullptr, &controls, 0);
        cookie_.clear();
        if (auto* const paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr)) {
            ber_int_t estimate = 0;
            berval cookie{};
            if (ldap_parse_pageresponse_control(handle_, paged, &estimate, &cookie) == 0) {
                cookie_.assign(cookie.bv_val, cookie.bv_len);
                ldap_memfree(cookie.bv_val);
            }
        }
        ldap_controls_free(controls);
        return std::nullopt;
    }

    ::ldap* handle_;
    SearchRequest const& request_;
    std::chrono::milliseconds timeout_;
    std::vector<char*> attributes_;
    Found entries_;
    std::string cookie_;
    int id_ = 0;
};

// Values and attributes in the form of libldap, which copies nothing.
class Modifications {
public:
    void add(int operation, std::string const& attribute, std::vector<std::string> const& values) {
        auto one = std::make_unique<One>();
        for (auto const& value : values) {
            one->values.push_back({value.size(), const_cast<char*>(value.data())});
        }
        for (auto& value : one->values) one->pointers.push_back(&value);
        one->pointers.push_back(nullptr);
        one->modification.mod_op = operation | LDAP_MOD_BVALUES;
        one->modification.mod_type = const_cast<char*>(attribute.c_str());
        one->modification.mod_bvalues = values.empty() ? nullptr : one->pointers.data();
        all_.push_back(std::move(one));
    }

    LDAPMod** data() {
        pointers_.clear();
        for (auto const& one : all_) pointers_.push_back(&one->modification);
        pointers_.push_back(nullptr);
        return pointers_.data();
    }

private:
    struct One {
        LDAPMod modification{};
        std::vector<berval> values;
        std::vector<berval*> pointers;
    };
    std::vector<std::unique_ptr<One>> all_;
    std::vector<LDAPMod*> pointers_;
};

int to_libldap(Modification::Operation operation) {
    switch (operation) {
        case Modification::Operation::add:
            return LDAP_MOD_ADD;
        case Modification::Operation::remove:
            return LDAP_MOD_DELETE;
        case Modification::Operation::replace:
            break;
    }
    return LDAP_MOD_REPLACE;
}

int send(::ldap* handle, Change const& change, int* id) {
    auto const& dn = dn_of(change).text();
    Modifications modifications;
    if (auto const* add = std::get_if<AddEntry>(&change)) {
        for (auto const& attribute : add->entry.attributes()) {
            modifications.add(LDAP_MOD_ADD, attribute.name, attribute.values);
        }
        return ldap_add_ext(handle, dn.c_str(), modifications.data(), nullptr, nullptr, id);
    }
    if (auto const* modify = std::get_if<ModifyEntry>(&change)) {
        for (auto const& one : modify->modifications) {
            modifications.add(to_libldap(one.operation), one.attribute, one.values);
        }
        return ldap_modify_ext(handle, dn.c_str(), modifications.data(), nullptr, nullptr, id);
    }
    return ldap_delete_ext(handle, dn.c_str(), nullptr, nullptr, id);
}

}  // namespace

Result<ToolSession> ToolSession::open(std::vector<ConnectSettings> const& servers) {
    Error all(Errc::unreachable, "");
    for (auto const& server : servers) {
        auto handle = connect(server, std::stop_token());
        if (handle) return ToolSession(std::move(*handle), server.uri);
        all.code = handle.error().code;
        all.what +=
            fmt::format("{}{}: {}", all.what.empty() ? "" : "; ", server.uri, handle.error().what);
    }
    return all;
}

SearchResult ToolSession::read_all(
    SearchRequest const& request, std::chrono::milliseconds timeout, int page_size
) {
    return Reading(handle_.get(), request, timeout).run(page_size);
}

SearchResult ToolSession::read_first(
    SearchRequest const& request, std::chrono::milliseconds timeout, int count
) {
    return Reading(handle_.get(), request, timeout).run_first(count);
}

Result<void> ToolSession::apply(Change const& change, std::chrono::milliseconds timeout) {
    int id = 0;
    auto const sent = send(handle_.get(), change, &id);
    if (sent != LDAP_SUCCESS) return local_error(handle_.get(), sent, "change");
    LDAPMessage* raw = nullptr;
    auto wait = whole_seconds(timeout);
    int const type = ldap_result(handle_.get(), id, LDAP_MSG_ALL, &wait, &raw);
    Message const message(raw);
    if (type <= 0) {
        return Error(
            type == 0 ? Errc::timeout : Errc::unreachable,
            "no answer to the change: look whether it was made"
        );
    }
    if (auto error = to_error(handle_.get(), message.get())) return *error;
    return {};
}

}  // namespace splitmx::ldap::net
