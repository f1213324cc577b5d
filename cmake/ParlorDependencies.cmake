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
find_package(GTest REQUIRED)
find_package(prometheus-cpp REQUIRED)
