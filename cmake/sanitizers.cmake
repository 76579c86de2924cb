# SPLITMX_SANITIZE is a list for -fsanitize=, set by the presets.
set(SPLITMX_SANITIZE "" CACHE STRING "sanitizers to build with, as for -fsanitize=")
option(SPLITMX_FUZZ "build fuzz targets as fuzzers (clang)" OFF)
add_library(splitmx_sanitizers INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # It names a template of fmt otherwise than g++, which made the library.
    target_compile_definitions(splitmx_sanitizers INTERFACE FMT_HEADER_ONLY)
endif()
if(SPLITMX_FUZZ)
    target_compile_options(splitmx_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SPLITMX_SANITIZE)
    target_compile_options(splitmx_sanitizers INTERFACE
        -fsanitize=${SPLITMX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(splitmx_sanitizers INTERFACE -fsanitize=${SPLITMX_SANITIZE})
    # Recycled coroutine frames would hide use after free from the sanitizer.
    target_compile_definitions(splitmx_sanitizers INTERFACE
        BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
    if(SPLITMX_SANITIZE MATCHES "undefined")
        # It opens descriptors to look at memory, and reports a fault when there are none left.
        target_compile_options(splitmx_sanitizers INTERFACE -fno-sanitize=vptr)
        target_link_options(splitmx_sanitizers INTERFACE -fno-sanitize=vptr)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # clang 14 cannot compile coroutines with -fsanitize=function.
        target_compile_options(splitmx_sanitizers INTERFACE -fno-sanitize=function)
        target_link_options(splitmx_sanitizers INTERFACE -fno-sanitize=function)
    endif()
endif()
