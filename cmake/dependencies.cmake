# Every foreign library, once. All come from Debian packages (see packaging/packages.txt).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Catch2 2.13 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)
find_library(LMDB_LIBRARY lmdb REQUIRED)
# libunbound.pc asks for libevent, which the library does not need here.
find_library(UNBOUND_LIBRARY unbound REQUIRED)
find_library(LDAP_LIBRARY ldap REQUIRED)
find_library(LBER_LIBRARY lber REQUIRED)
find_library(TCMALLOC_LIBRARY tcmalloc_minimal REQUIRED)
find_library(BOOST_JSON_LIBRARY NAMES boost_json REQUIRED)

# Asio's macros must be the same in every translation unit: this target is the only place for them.
# It is also the one compiled copy of Asio's functions, whoever uses it.
# A message goes through some twenty coroutines: a thread keeps eight of their frames, not two.
add_library(splitmx_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio_impl.cpp)
target_compile_definitions(splitmx_asio PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_CO_AWAIT
    BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8)
target_link_libraries(splitmx_asio PUBLIC Boost::headers Threads::Threads splitmx_sanitizers)

add_library(splitmx_libldap INTERFACE)
target_link_libraries(splitmx_libldap INTERFACE ${LDAP_LIBRARY} ${LBER_LIBRARY})

add_library(splitmx_json INTERFACE)
target_link_libraries(splitmx_json INTERFACE Boost::headers ${BOOST_JSON_LIBRARY})

add_library(splitmx_lmdb INTERFACE)
target_link_libraries(splitmx_lmdb INTERFACE ${LMDB_LIBRARY})

find_library(SQLITE_LIBRARY sqlite3 REQUIRED)
add_library(splitmx_sqlite INTERFACE)
target_link_libraries(splitmx_sqlite INTERFACE ${SQLITE_LIBRARY})

add_library(splitmx_libunbound INTERFACE)
target_link_libraries(splitmx_libunbound INTERFACE ${UNBOUND_LIBRARY})

find_library(CSV_LIBRARY csv REQUIRED)
add_library(splitmx_csv INTERFACE)
target_link_libraries(splitmx_csv INTERFACE ${CSV_LIBRARY})
