# splitmx_room(NAME [EXCLUDE file...] [LINK target...])
# One static library per folder, with every .cpp in it and its headers checked to compile alone.
# What a room may link is what ARCHITECTURE.md allows it to know.
function(splitmx_room name)
    cmake_parse_arguments(ROOM "" "" "EXCLUDE;LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
    foreach(file ${ROOM_EXCLUDE})
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
    set(target splitmx_${name})
    add_library(${target} STATIC ${sources})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${headers})
    set_target_properties(${target} PROPERTIES
        LINKER_LANGUAGE CXX VERIFY_INTERFACE_HEADER_SETS ON)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target}
        PUBLIC Boost::headers fmt::fmt ${ROOM_LINK} splitmx_sanitizers
        PRIVATE splitmx_warnings)
    splitmx_use_precompiled(${target} room)
endfunction()

# splitmx_unit_tests(ROOM [LINK target...]): one Catch2 program from tests/unit/ROOM/*_test.cpp. Each
# test file has helpers of its own, whatever their names: they are compiled one by one.
function(splitmx_unit_tests room)
    cmake_parse_arguments(TESTS "" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${room}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    set(target test_${room})
    add_executable(${target} ${sources})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    target_link_libraries(${target} PRIVATE catch2_main ${TESTS_LINK} splitmx_warnings)
    splitmx_use_precompiled(${target} test)
    add_test(NAME unit/${room} COMMAND ${target} --use-colour no)
    set_tests_properties(unit/${room} PROPERTIES LABELS "quick" TIMEOUT 300)
endfunction()
