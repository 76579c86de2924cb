#include "directory/view_server.hpp"

#include "ldap/letter_case.hpp"
#include "ldap/net/tool_session.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::directory {

namespace {

constexpr std::chrono::seconds patience{10};

class Viewing {
public:
    explicit Viewing(ldap::net::ToolSession session) : session_(std::move(session)) {}

    SeenServer greet();
    mail::Result<SeenServer> run(std::string const& base, ldap::Filter const& samples);

private:
    // The entry at that name; an empty one where it cannot be read.
    ldap::Entry read(ldap::Dn const& dn, std::vector<std::string> attributes) {
        ldap::SearchRequest request;
        request.base = dn;
        request.scope = ldap::Scope::base;
        request.attributes = std::move(attributes);
        auto found = session_.read_all(request, patience, 0);
        return found && !found->empty() ? std::move(found->front()) : ldap::Entry();
    }

    std::optional<std::vector<std::string>> indexes(ldap::Vendor vendor);
    void add_index(std::vector<std::string>& indexed, std::string_view value);

    ldap::net::ToolSession session_;
};

// "mailLocalAddress,mail eq,sub": names, then the kinds of index (slapd-mdb(5)).
void Viewing::add_index(std::vector<std::string>& indexed, std::string_view value) {
    auto const blank = std::min(value.find(' '), value.size());
    auto const kinds = value.substr(blank);
    if (blank < value.size() && kinds.find("eq") == std::string_view::npos) return;
    auto names = value.substr(0, blank);
    while (!names.empty()) {
        auto const comma = std::min(names.find(','), names.size());
        indexed.push_back(ldap::lower_case(names.substr(0, comma)));
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
}

std::optional<std::vector<std::string>> Viewing::indexes(ldap::Vendor vendor) {
    ldap::SearchRequest request;
    bool const is_389 = vendor == ldap::Vendor::directory_389;
    auto base = ldap::Dn::parse(is_389 ? "cn=ldbm database,cn=plugins,cn=config" : "cn=config");
    if (!base) return std::nullopt;
    request.base = std::move(*base);
    request.filter = is_389 ? ldap::Filter::equal("objectClass", "nsIndex")
                            : ldap::Filter::present("olcDbIndex");
    request.attributes = {"olcDbIndex", "cn", "nsIndexType"};
    auto const found = session_.read_all(request, patience);
    if (!found || found->empty()) return std::nullopt;
    std::vector<std::string> indexed;
    for (auto const& entry : *found) {
        for (auto const& value : entry.values("olcDbIndex")) add_index(indexed, value);
        if (entry.has_value_no_case("nsIndexType", "eq")) {
            indexed.push_back(ldap::lower_case(entry.first("cn").value_or("")));
        }
    }
    return indexed;
}

SeenServer Viewing::greet() {
    SeenServer seen;
    seen.uri = session_.uri();
    auto attributes = ldap::root_dse_attributes();
    attributes.emplace_back("subschemaSubentry");
    auto const root = read(ldap::Dn(), std::move(attributes));
    seen.facts = ldap::facts_from_root_dse(root);
    if (auto const name = root.first("subschemaSubentry")) {
        if (auto const dn = ldap::Dn::parse(*name)) {
            seen.view.subschema =
                ldap::Subschema::from(read(*dn, {"attributeTypes", "objectClasses"}));
        }
    }
    auto const& contexts = seen.facts.naming_contexts;
    if (!contexts.empty()) seen.base = contexts.front().text();
    return seen;
}

mail::Result<SeenServer> Viewing::run(std::string const& base, ldap::Filter const& samples) {
    auto seen = greet();
    if (!base.empty()) seen.base = base;
    if (seen.base.empty()) {
        return mail::Error{seen.uri + " does not tell where its entries are: which base?", 0};
    }
    auto from = ldap::Dn::parse(seen.base);
    if (!from) return mail::Error{"base: " + from.error().what, 0};
    ldap::SearchRequest request;
    request.base = std::move(*from);
    request.filter = samples;
    auto found = session_.read_first(request, patience, schema::max_samples);
    if (!found) {
        return mail::Error{seen.uri + ": " + seen.base + ": " + found.error().what, 0};
    }
    seen.view.samples = std::move(*found);
    seen.view.indexed = indexes(seen.facts.vendor);
    return seen;
}

}  // namespace

ldap::Result<SeenServer> greet_server(std::vector<ldap::net::ConnectSettings> const& servers) {
    auto session = ldap::net::ToolSession::open(servers);
    if (!session) return session.error();
    return Viewing(std::move(*session)).greet();
}

mail::Result<SeenServer> view_server(
    std::vector<ldap::net::ConnectSettings> const& servers,
    std::string const& base,
    ldap::Filter const& samples
) {
    auto session = ldap::net::ToolSession::open(servers);
    if (!session) return mail::Error{session.error().what, 0};
    return Viewing(std::move(*session)).run(base, samples);
}

}  // namespace splitmx::directory
