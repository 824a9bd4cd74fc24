# How a folder becomes a target: one library, one test program, any number of fuzz targets.
#
#   liaison_library(store            -> target liaison_store, alias liaison::store
#     SOURCES  connection.cpp ...    every source, named
#     DEPENDS  liaison::base         public: what its headers include
#     PRIVATE  SQLite::SQLite3       what only its sources include
#     TESTS    connection_test.cpp)  -> program store_test, one CTest test
#   liaison_program(liaison-broker SOURCES main.cpp DEPENDS ...)      -> bin/liaison-broker
#   liaison_fuzz(frame SOURCES frame_fuzz.cpp DEPENDS ...)   -> program fuzz_frame;
#                                                              its corpus: fuzz_corpus/frame

find_package(Threads REQUIRED)
# Below 3.0.21, forged AuthEnvelopedData is accepted (CVE-2026-34182).
find_package(OpenSSL 3.0.21 REQUIRED)
find_package(CapnProto REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Catch2 2.13 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zmq REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)

find_program(ccache ccache)
if(ccache)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache})
endif()

add_library(liaison_flags INTERFACE)
target_compile_features(liaison_flags INTERFACE cxx_std_20)
target_compile_options(liaison_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual
  -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Wswitch -fstack-protector-strong
  $<$<BOOL:${LIAISON_WERROR}>:-Werror>
  # g++ 12 sees uninitialised members in every moved std::variant at -O2; clang and the sanitizers
  # look for real ones.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_include_directories(liaison_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/lib)
target_compile_definitions(liaison_flags INTERFACE
  $<$<NOT:$<BOOL:${LIAISON_SANITIZE}>>:$<$<CONFIG:Release>:_FORTIFY_SOURCE=2>>
  $<$<BOOL:${LIAISON_DELIBERATE_BUGS}>:LIAISON_DELIBERATE_BUGS>)

# Instrumentation goes on every target, so that no object is left out.
if(LIAISON_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(LIAISON_TSAN)
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
if(LIAISON_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LIAISON_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

function(liaison_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(liaison_${name} STATIC ${arg_SOURCES})
  add_library(liaison::${name} ALIAS liaison_${name})
  target_link_libraries(liaison_${name} PUBLIC liaison_flags ${arg_DEPENDS} PRIVATE ${arg_PRIVATE})
  if(LIAISON_TESTS AND arg_TESTS)
    # Linked to this library and what it names, nothing more: a pure folder's test program
    # does not link if the folder has become impure.
    add_executable(${name}_test ${arg_TESTS})
    set_target_properties(${name}_test PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    # A test runs for less time than its optimisation takes. What it tests is built as chosen.
    target_compile_options(${name}_test PRIVATE -O0 -U_FORTIFY_SOURCE)
    target_link_libraries(${name}_test PRIVATE
      liaison_${name} liaison::test_main ${arg_TEST_DEPENDS})
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

# `cmake --build ... --target programs` builds what a person runs, and no tests.
add_custom_target(programs)

function(liaison_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "/(tests|bench)(/|$)")
    add_dependencies(programs ${name})
  endif()
  target_link_libraries(${name} PRIVATE liaison_flags ${arg_DEPENDS})
endfunction()

# A fuzz target's corpus lies beside it; CI fuzzes briefly from it, in the tree with sanitizers.
function(liaison_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  if(NOT LIAISON_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${arg_SOURCES})
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  target_link_libraries(fuzz_${name} PRIVATE liaison_flags ${arg_DEPENDS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_corpus/${name})
  set(work ${CMAKE_BINARY_DIR}/fuzz/work_${name})
  file(MAKE_DIRECTORY ${work})
  add_test(NAME fuzz_${name}
    COMMAND fuzz_${name} -max_total_time=10 -timeout=10 -rss_limit_mb=2048 -max_len=4096
            -print_final_stats=1
            ${work} ${corpus})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()

if(LIAISON_TESTS)
  add_library(liaison_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/test_main.cpp)
  add_library(liaison::test_main ALIAS liaison_test_main)
  target_link_libraries(liaison_test_main PUBLIC Catch2::Catch2 liaison_flags)
endif()
