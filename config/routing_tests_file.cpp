#include "config/routing_tests_file.hpp"

#include "config/document.hpp"
#include "config/section.hpp"

#include <algorithm>
#include <variant>

namespace splitmx::config {

std::optional<std::filesystem::path> routing_tests_file(Config const& config) {
    auto const* const info = find_key("routing", "tests");
    auto const& keys = config.keys;
    auto const key = std::find_if(keys.begin(), keys.end(), [info](EffectiveKey const& one) {
        return one.info == info;
    });
    if (key == keys.end()) return std::nullopt;
    auto const parsed = parse_document("[routing]\ntests = " + key->value);
    auto const* const document = std::get_if<Table>(&parsed);
    if (document == nullptr) return std::nullopt;
    FileOrigin const origin{
        config.file.string(), std::filesystem::absolute(config.file).parent_path()};
    return origin.resolve(Section::single("routing", *document).text("tests"));
}

}  // namespace splitmx::config
