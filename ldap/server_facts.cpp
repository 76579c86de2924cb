#include "ldap/server_facts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace splitmx::ldap {

namespace {

constexpr std::string_view active_directory_oid = "1.2.840.113556.1.4.800";

[[nodiscard]] bool contains(std::vector<std::string> const& list, std::string_view value) noexcept {
    return std::find(list.begin(), list.end(), value) != list.end();
}

[[nodiscard]] std::vector<std::string> copy(std::span<std::string const> values) {
    return {values.begin(), values.end()};
}

[[nodiscard]] std::optional<std::uint64_t> number_in(Entry const& entry, std::string_view name) {
    auto const text = entry.first(name);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    auto const* const end = text->data() + text->size();
    auto const [at, error] = std::from_chars(text->data(), end, number);
    return error == std::errc{} && at == end ? std::optional(number) : std::nullopt;
}

[[nodiscard]] Vendor vendor_of(Entry const& root_dse, ServerFacts const& facts) {
    if (contains(facts.capabilities, active_directory_oid)) return Vendor::active_directory;
    // OpenLDAP has no vendorName unless somebody sets one, but a class of its own.
    for (auto const* name : {"objectClass", "structuralObjectClass"}) {
        if (root_dse.has_value_no_case(name, "OpenLDAProotDSE")) return Vendor::openldap;
    }
    auto const name = root_dse.first("vendorName").value_or("");
    auto const is = [&](std::string_view text) {
        return name.find(text) != std::string_view::npos;
    };
    if (is("OpenLDAP")) return Vendor::openldap;
    // The product has had three names.
    if (is("389 Project") || is("Red Hat") || is("Fedora")) return Vendor::directory_389;
    return Vendor::unknown;
}

}  // namespace

std::string_view to_text(SyncMethod method) noexcept {
    switch (method) {
        case SyncMethod::syncrepl:
            return "syncrepl";
        case SyncMethod::dirsync:
            return "dirsync";
        case SyncMethod::poll:
            break;
    }
    return "poll";
}

std::string_view to_text(Vendor vendor) noexcept {
    switch (vendor) {
        case Vendor::openldap:
            return "OpenLDAP";
        case Vendor::directory_389:
            return "389 Directory Server";
        case Vendor::active_directory:
            return "Active Directory";
        case Vendor::unknown:
            break;
    }
    return "LDAP server";
}

bool ServerFacts::has_control(std::string_view oid) const noexcept {
    return contains(controls, oid);
}

Dn ServerFacts::naming_context_of(Dn const& dn) const {
    Dn const* best = nullptr;
    for (auto const& context : naming_contexts) {
        if (!dn.is_within(context)) continue;
        if (best == nullptr || context.is_within(*best)) best = &context;
    }
    return best != nullptr ? *best : dn;
}

std::vector<std::string> root_dse_attributes() {
    return {
        "objectClass",
        "structuralObjectClass",
        "vendorName",
        "vendorVersion",
        "namingContexts",
        "supportedControl",
        "supportedCapabilities",
        "firstChangeNumber",
        "lastChangeNumber",
        "dsServiceName"};
}

ServerFacts facts_from_root_dse(Entry const& root_dse) {
    ServerFacts facts;
    facts.controls = copy(root_dse.values("supportedControl"));
    facts.capabilities = copy(root_dse.values("supportedCapabilities"));
    facts.version = std::string(root_dse.first("vendorVersion").value_or(""));
    for (auto const& text : root_dse.values("namingContexts")) {
        // One that is no DN is of no use to us, and no reason to do without the others.
        if (auto dn = Dn::parse(text)) facts.naming_contexts.push_back(std::move(*dn));
    }
    facts.first_change = number_in(root_dse, "firstChangeNumber");
    facts.last_change = number_in(root_dse, "lastChangeNumber");
    facts.service_name = std::string(root_dse.first("dsServiceName").value_or(""));
    facts.vendor = vendor_of(root_dse, facts);
    return facts;
}

std::optional<std::uint64_t> committed_usn(Entry const& root_dse) {
    return number_in(root_dse, "highestCommittedUSN");
}

bool is_global_catalogue(std::string_view uri) noexcept {
    return uri.ends_with(":3268") || uri.ends_with(":3269") || uri.ends_with(":3268/") ||
           uri.ends_with(":3269/");
}

Result<SyncMethod> choose_method(SyncChoice choice, ServerFacts const& facts) {
    bool const syncrepl = facts.has_control(sync_request_oid);
    bool const paged = facts.has_control(paged_results_oid);
    bool const dirsync = facts.has_control(dirsync_oid) && !facts.service_name.empty();
    if (choice == SyncChoice::poll) return SyncMethod::poll;
    if (choice == SyncChoice::dirsync) {
        if (dirsync) return SyncMethod::dirsync;
        return Error(
            Errc::unsupported,
            "the server does not offer DirSync: only a domain controller of Active Directory does, "
            "and not on the ports of the global catalogue"
        );
    }
    if (syncrepl) return SyncMethod::syncrepl;
    if (choice == SyncChoice::syncrepl) {
        return Error(
            Errc::unsupported,
            "the server does not offer content synchronisation (RFC 4533); on OpenLDAP load the "
            "overlay syncprov for this database"
        );
    }
    if (dirsync && facts.vendor == Vendor::active_directory) return SyncMethod::dirsync;
    if (paged) return SyncMethod::poll;
    return Error(
        Errc::unsupported,
        facts.controls.empty()
            ? "the server does not tell what it supports; let this account read the root DSE"
            : "the server offers neither content synchronisation (RFC 4533) nor paging (RFC 2696)"
    );
}

}  // namespace splitmx::ldap
