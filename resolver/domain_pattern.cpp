#include "resolver/domain_pattern.hpp"

namespace splitmx::resolver {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

mail::Result<DomainPattern> DomainPattern::parse(std::string_view text) {
    text = trim(text);
    auto coverage = Coverage::with_subdomains;
    if (text.starts_with('#')) coverage = Coverage::exact;
    if (text.starts_with('.')) coverage = Coverage::subdomains_only;
    if (coverage != Coverage::with_subdomains) text = trim(text.substr(1));
    if (text.starts_with('*')) {
        return mail::Error{
            "\"*\" is no domain: name each domain; a plain name covers its subdomains", 0};
    }
    if (text.starts_with('@')) {
        return mail::Error{"a domain is written without \"@\"", 0};
    }
    // An IP address in the table stands for its literal (Q249100).
    if (auto const address = mail::IpAddress::parse(text)) {
        return DomainPattern{mail::Domain::literal(*address), Coverage::exact};
    }
    auto name = mail::Domain::parse(text);
    if (!name) return name.error();
    return DomainPattern{std::move(*name), coverage};
}

std::string DomainPattern::to_text() const {
    switch (coverage) {
        case Coverage::exact:
            return name.is_literal() ? name.text() : "#" + name.text();
        case Coverage::subdomains_only:
            return "." + name.text();
        case Coverage::with_subdomains:
            break;
    }
    return name.text();
}

bool DomainIndex::add(DomainPattern const& pattern, std::size_t rule) {
    auto& slots = slots_[pattern.name.text()];
    auto& slot = pattern.coverage == Coverage::exact             ? slots.exact
                 : pattern.coverage == Coverage::subdomains_only ? slots.subdomains_only
                                                                 : slots.with_subdomains;
    if (slot) return false;
    slot = rule;
    ++size_;
    return true;
}

std::optional<std::size_t> DomainIndex::find(mail::Domain const& domain) const {
    std::string_view name = domain.text();
    if (auto const found = slots_.find(name); found != slots_.end()) {
        if (found->second.exact) return found->second.exact;
        if (found->second.with_subdomains) return found->second.with_subdomains;
    }
    if (domain.is_literal()) return std::nullopt;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
        name.remove_prefix(dot + 1);
        auto const found = slots_.find(name);
        if (found == slots_.end()) continue;
        if (found->second.subdomains_only) return found->second.subdomains_only;
        if (found->second.with_subdomains) return found->second.with_subdomains;
    }
    return std::nullopt;
}

}  // namespace splitmx::resolver
