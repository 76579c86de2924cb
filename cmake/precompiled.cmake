# The headers that most files read are read once: a third of the time of a build with sanitizers went
# into them. A file still includes what it uses: other presets build without this, and show what is
# missing. Not for what is optimised: of a header that is read this way, g++ 12 forgets that it is the
# system's, and warns of each memcpy() in std::string that it takes for an error.
option(SPLITMX_PRECOMPILE "read common headers once" OFF)

set(splitmx_common_headers
    <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <deque> <filesystem> <fstream>
    <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <stdexcept> <string>
    <string_view> <thread> <unordered_map> <unordered_set> <utility> <variant> <vector>
    <fmt/format.h>)
set(splitmx_asio_headers
    <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
    <boost/asio/detached.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
    <boost/asio/local/stream_protocol.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp>)

# splitmx_precompiled(NAME HEADERS ... LINK ...): for targets that link those, too.
function(splitmx_precompiled name)
    cmake_parse_arguments(PRE "" "" "HEADERS;LINK" ${ARGN})
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp "")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${PRE_LINK} splitmx_sanitizers splitmx_warnings)
    target_precompile_headers(${name} PRIVATE ${PRE_HEADERS})
endfunction()

function(splitmx_links_asio target result)
    set(found FALSE)
    if(target STREQUAL "splitmx_asio")
        set(found TRUE)
    elseif(TARGET ${target})
        get_target_property(below ${target} INTERFACE_LINK_LIBRARIES)
        foreach(library ${below})
            if(NOT found)
                splitmx_links_asio(${library} found)
            endif()
        endforeach()
    endif()
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# KIND is room or test. Asio's macros decide which of two sets it is.
function(splitmx_use_precompiled target kind)
    if(NOT SPLITMX_PRECOMPILE)
        return()
    endif()
    get_target_property(libraries ${target} LINK_LIBRARIES)
    set(asio FALSE)
    foreach(library ${libraries})
        if(NOT asio)
            splitmx_links_asio(${library} asio)
        endif()
    endforeach()
    if(asio)
        target_precompile_headers(${target} REUSE_FROM precompiled_${kind}_asio)
    else()
        target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
    endif()
endfunction()

if(SPLITMX_PRECOMPILE)
    splitmx_precompiled(precompiled_room HEADERS ${splitmx_common_headers} LINK Boost::headers fmt::fmt)
    splitmx_precompiled(precompiled_room_asio HEADERS ${splitmx_common_headers} ${splitmx_asio_headers}
        LINK Boost::headers fmt::fmt splitmx_asio)
    splitmx_precompiled(precompiled_test HEADERS ${splitmx_common_headers} <catch2/catch.hpp>
        LINK Boost::headers fmt::fmt Catch2::Catch2)
    splitmx_precompiled(precompiled_test_asio
        HEADERS ${splitmx_common_headers} ${splitmx_asio_headers} <catch2/catch.hpp>
        LINK Boost::headers fmt::fmt Catch2::Catch2 splitmx_asio)
endif()
