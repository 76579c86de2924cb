// Runs tests/golden/recipients: what `splitmx recipient` prints for each profile. ACCEPT=1 writes
// it.
#include "golden_commands.hpp"

using namespace splitmx::test;

TEST_CASE("tests/golden/recipients: the changes are those of the files", "[recipients]") {
    check_golden_commands("recipients", {"--config", "splitmx.toml", "recipient"});
}
