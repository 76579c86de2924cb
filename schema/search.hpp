// Finds people in a listing by what one remembers of them: part of an address, of the DN, or of a
// name. Case does not count, in any script. Threads: pure. Errors: none.
#pragma once

#include "schema/listing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::schema {

// Attributes with names of people, beside those of the profile.
[[nodiscard]] std::vector<std::string> name_attributes();

// What the entry calls itself: displayName, else cn; "" where neither is known.
[[nodiscard]] std::string display_name(ListedRecipient const& listed);

class SearchText {
public:
    explicit SearchText(std::string_view text);
    [[nodiscard]] bool matches(ListedRecipient const& listed) const;

private:
    [[nodiscard]] bool is_in(std::string_view text) const;

    std::string folded_;
};

}  // namespace splitmx::schema
