# Warnings are errors: a warning that nobody must fix is noise.
add_library(splitmx_warnings INTERFACE)
target_compile_options(splitmx_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
    -Wimplicit-fallthrough -Wswitch -Werror)
