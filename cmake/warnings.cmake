# Warnings are errors: a warning that nobody must fix is noise.
add_library(splitmx_warnings INTERFACE)
target_compile_options(splitmx_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
    -Wimplicit-fallthrough -Wswitch -Werror)
# Where several files are compiled as one, g++ takes each for a header, and its private types for
# types that other files could see.
if(CMAKE_UNITY_BUILD)
    target_compile_options(splitmx_warnings INTERFACE -Wno-subobject-linkage)
endif()
