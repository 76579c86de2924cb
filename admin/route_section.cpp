#include "admin/route_section.hpp"

#include "admin/directory_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace splitmx::admin {

namespace {

using migration::Route;

// A [host.NAME] and the domains that go there.
struct NamedHost {
    std::string name;
    std::string address;
    bool lmtp = false;
    bool outbound = false;
    std::vector<std::string> exactly;
    std::vector<std::string> below;
};

std::string name_for(Route const& route) {
    if (route.address.starts_with("unix:")) return "lmtp";
    auto name = route.address.substr(route.address.starts_with("mx:") ? 3 : 0);
    std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
    return name;
}

std::vector<NamedHost> hosts_of(std::vector<Route> const& routes) {
    std::vector<NamedHost> hosts;
    std::set<std::string> taken;
    for (auto const& route : routes) {
        if (route.action != Route::Action::host) continue;
        auto host = std::find_if(hosts.begin(), hosts.end(), [&](NamedHost const& one) {
            return one.address == route.address && one.lmtp == route.lmtp;
        });
        if (host == hosts.end()) {
            auto const stem = name_for(route);
            auto name = stem;
            for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
            host = hosts.insert(hosts.end(), {name, route.address, route.lmtp, false, {}, {}});
        }
        if (route.scope == Route::Scope::everything) {
            host->outbound = true;
        } else {
            auto& names = route.scope == Route::Scope::below ? host->below : host->exactly;
            names.push_back(route.domain->text());
        }
    }
    return hosts;
}

// A bare key of TOML, or a quoted one.
std::string key_text(std::string const& name) {
    bool const bare = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    return bare ? name : toml_string(name);
}

// "d" is d and all below it, "#d" is d alone.
std::string host_text(NamedHost const& host, std::set<std::string> const& exact_ones) {
    std::string text;
    std::vector<std::string> names;
    for (auto const& domain : host.exactly) {
        auto const& below = host.below;
        if (std::find(below.begin(), below.end(), domain) == below.end())
            names.push_back("#" + domain);
    }
    for (auto const& domain : host.below) {
        names.push_back(domain);
        if (exact_ones.contains(domain)) continue;
        text += fmt::format("# {} alone was not meant, only what is below it.\n", domain);
    }
    if (!names.empty()) {
        text += fmt::format(
            "[[domain]]\nname = {}\nhost = {}\n\n", toml_strings(names), toml_string(host.name)
        );
    }
    text +=
        fmt::format("[host.{}]\naddress = {}\n", key_text(host.name), toml_string(host.address));
    if (host.lmtp) text += "protocol = \"lmtp\"\n";
    return text + "\n";
}

std::string action_text(Route const& route) {
    auto text = fmt::format("[[domain]]\nname   = {}\n", toml_string("#" + route.domain->text()));
    if (route.action == Route::Action::reroute) {
        return text +
               fmt::format("action = \"reroute\"\nto     = {}\n\n", toml_string(route.to->text()));
    }
    return text + "action = \"inbound\"\n\n";
}

}  // namespace

std::string to_toml(std::vector<Route> const& routes) {
    std::string text;
    std::set<std::string> exact_ones;
    for (auto const& route : routes) {
        if (route.action != Route::Action::host) {
            text += action_text(route);
        } else if (route.scope == Route::Scope::exactly) {
            exact_ones.insert(route.domain->text());
        }
    }
    auto const hosts = hosts_of(routes);
    auto const has_domains = [](NamedHost const& host) {
        return !host.exactly.empty() || !host.below.empty();
    };
    if (std::any_of(hosts.begin(), hosts.end(), has_domains)) {
        text += "# A host says where mail goes, and lets nothing in: that is for an action.\n";
    }
    for (auto const& host : hosts) text += host_text(host, exact_ones);
    for (auto const& host : hosts) {
        if (host.outbound) {
            text += fmt::format("[routing]\noutbound = {}\n\n", toml_string(host.name));
        }
    }
    if (!text.empty()) text.pop_back();
    return text;
}

}  // namespace splitmx::admin
