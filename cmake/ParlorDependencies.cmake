# Debian 12's packages; `parlor deps` installs them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Protobuf REQUIRED)
# Debian's Poco names these targets without finding them; the libraries themselves come with Poco's.
foreach(client PostgreSQL::client MySQL::client)
  if(NOT TARGET ${client})
    add_library(${client} INTERFACE IMPORTED)
  endif()
endforeach()
find_package(Poco REQUIRED COMPONENTS Foundation Util Net JSON Crypto JWT Data DataSQLite
             DataPostgreSQL DataMySQL)
find_package(ICU REQUIRED COMPONENTS i18n uc)
find_package(PahoMqttCpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(Mosquitto REQUIRED IMPORTED_TARGET libmosquitto)
add_library(Mosquitto::client ALIAS PkgConfig::Mosquitto)
# Recording makes and frees many small pieces, each on another thread: jemalloc, where it is installed,
# does so in far less time than glibc; and it can keep a gateway's memory on huge pages.
find_library(JEMALLOC_LIBRARY jemalloc)
add_library(parlor_allocator INTERFACE)
if(JEMALLOC_LIBRARY AND NOT PARLOR_SANITIZE)
  target_link_libraries(parlor_allocator INTERFACE "${JEMALLOC_LIBRARY}")
elseif(NOT PARLOR_SANITIZE)
  message(STATUS "Gateway and ledger run on the C library's allocator: libjemalloc-dev is not installed")
endif()
find_package(GTest REQUIRED)
find_package(prometheus-cpp REQUIRED)
