// Runs tests/golden/import: what `splitmx import` makes of the files of other mail systems.
// ACCEPT=1 writes it.
#include "golden_commands.hpp"

using namespace splitmx::test;

TEST_CASE("tests/golden/import: entries and reports are those of the files", "[import]") {
    check_golden_commands("import", {"import"});
}
