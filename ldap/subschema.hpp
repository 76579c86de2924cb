// What a server knows of attributes and classes: its subschema (RFC 4512 4.2), as far as a tool
// asks. Names compare without regard to case. What cannot be read is not known; servers add words
// of their own, and some leave out what the standard demands. Values; no threads. Errors: none.
#pragma once

#include "ldap/entry.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

struct AttributeType {
    std::string name;      // the first of its names
    std::string superior;  // what it inherits from; empty: nothing
    std::string equality;  // its matching rule; empty: inherited, or the server does not say
    bool single_value = false;
};

class Subschema {
public:
    // From the values of attributeTypes and objectClasses.
    static Subschema from(Entry const& subschema);

    bool is_empty() const { return attributes_.empty() && classes_.empty(); }
    AttributeType const* attribute(std::string_view name) const;
    bool has_class(std::string_view name) const;
    // With what it inherits; "" where nobody says.
    std::string equality_of(std::string_view attribute) const;

private:
    std::map<std::string, AttributeType> attributes_;  // by each name and the OID, in lower case
    std::map<std::string, std::string> classes_;
};

}  // namespace splitmx::ldap
