#include "ldap/subschema.hpp"

#include "ldap/letter_case.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap {

namespace {

// A description as words: brackets, names without their quotes, keywords (RFC 4512 4.1).
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        char const c = text[at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at;
        } else if (c == '(' || c == ')') {
            words.emplace_back(1, c);
            ++at;
        } else if (c == '\'') {
            auto const end = std::min(text.find('\'', at + 1), text.size());
            words.emplace_back(text.substr(at + 1, end - at - 1));
            at = end + 1;
        } else {
            auto const end = std::min(text.find_first_of(" \t\n\r()'", at), text.size());
            words.emplace_back(text.substr(at, end - at));
            at = end;
        }
    }
    return words;
}

// One description: its OID, its names, and the word behind a keyword.
class SchemaDescription {
public:
    explicit SchemaDescription(std::string_view text) : words_(words_of(text)) {}

    std::string oid() const { return words_.size() > 1 ? words_[1] : ""; }
    std::vector<std::string> names() const {
        auto at = behind("NAME");
        std::vector<std::string> names;
        if (at == words_.size()) return names;
        if (words_[at] != "(") return {words_[at]};
        for (++at; at < words_.size() && words_[at] != ")"; ++at) names.push_back(words_[at]);
        return names;
    }
    std::string word(std::string_view keyword) const {
        auto const at = behind(keyword);
        return at == words_.size() ? "" : words_[at];
    }
    bool has(std::string_view keyword) const {
        return std::find(words_.begin(), words_.end(), keyword) != words_.end();
    }

private:
    std::size_t behind(std::string_view keyword) const {
        for (std::size_t at = 0; at + 1 < words_.size(); ++at) {
            if (words_[at] == keyword) return at + 1;
        }
        return words_.size();
    }

    std::vector<std::string> words_;
};

}  // namespace

Subschema Subschema::from(Entry const& subschema) {
    Subschema schema;
    for (auto const& value : subschema.values("attributeTypes")) {
        SchemaDescription const description(value);
        auto const names = description.names();
        AttributeType type;
        type.name = names.empty() ? description.oid() : names.front();
        type.superior = description.word("SUP");
        type.equality = description.word("EQUALITY");
        type.single_value = description.has("SINGLE-VALUE");
        for (auto const& name : names) schema.attributes_.emplace(lower_case(name), type);
        schema.attributes_.emplace(lower_case(description.oid()), type);
    }
    for (auto const& value : subschema.values("objectClasses")) {
        SchemaDescription const description(value);
        for (auto const& name : description.names())
            schema.classes_.emplace(lower_case(name), name);
    }
    return schema;
}

AttributeType const* Subschema::attribute(std::string_view name) const {
    auto const found = attributes_.find(lower_case(name));
    return found == attributes_.end() ? nullptr : &found->second;
}

bool Subschema::has_class(std::string_view name) const {
    return classes_.contains(lower_case(name));
}

std::string Subschema::equality_of(std::string_view attribute_name) const {
    constexpr int longest_chain = 10;
    auto const* type = attribute(attribute_name);
    for (int step = 0; type && step < longest_chain; ++step) {
        if (!type->equality.empty()) return type->equality;
        type = type->superior.empty() ? nullptr : attribute(type->superior);
    }
    return "";
}

}  // namespace splitmx::ldap
