// The domains of a table, and the most specific of them for a given domain.
// `#name` is exactly that name, a plain name covers its subdomains too, `.name` covers only those.
// Matching is by whole labels; the longest name wins, and `#name` beats `name`. Order never
// matters. Threads: immutable once built. Source: Q259531, Q169683, Q217217; RFC 5321 2.3.5.
#pragma once

#include "mail/domain.hpp"
#include "mail/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace splitmx::resolver {

enum class Coverage { exact, with_subdomains, subdomains_only };

struct DomainPattern {
    mail::Domain name;
    Coverage coverage = Coverage::with_subdomains;

    // Blanks around the name (and behind `#`) are dropped. An IP address stands for its literal.
    static mail::Result<DomainPattern> parse(std::string_view text);
    std::string to_text() const;

    bool operator==(DomainPattern const&) const = default;
};

// Pattern -> index of the caller's rule. Lookups cost one hash probe a label, however many rules.
class DomainIndex {
public:
    // False, and nothing changed, when the same pattern is there already.
    bool add(DomainPattern const& pattern, std::size_t rule);
    std::optional<std::size_t> find(mail::Domain const& domain) const;
    std::size_t size() const { return size_; }

private:
    struct Slots {
        std::optional<std::size_t> exact;
        std::optional<std::size_t> with_subdomains;
        std::optional<std::size_t> subdomains_only;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, Slots, Hash, std::equal_to<>> slots_;
    std::size_t size_ = 0;
};

}  // namespace splitmx::resolver
