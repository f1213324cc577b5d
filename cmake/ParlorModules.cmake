# The only two ways to add code to the build.
#
# parlor_add_module(NAME SOURCES a.cpp … DEPENDS parlor::x …)
#   A static library parlor_NAME with the alias parlor::NAME. What it depends on is public; includes are
#   written from the project's root ("bus/bus.h").
#
# parlor_add_test(NAME SOURCES a_test.cpp … DEPENDS parlor::x … [LABELS l …] [TIMEOUT s])
#   A GoogleTest program; each of its tests is a CTest test named NAME.Suite.Test.
include(GoogleTest)

function(parlor_add_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(parlor_${name} STATIC ${arg_SOURCES})
  add_library(parlor::${name} ALIAS parlor_${name})
  target_include_directories(parlor_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(parlor_${name} PUBLIC ${arg_DEPENDS} PRIVATE parlor_compiler)
endfunction()

function(parlor_add_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gmock_main parlor_compiler)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
