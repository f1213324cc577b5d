# Debian 12's packages; `parlor deps` installs them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Protobuf REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Util Net JSON Crypto JWT Data DataSQLite)
find_package(PahoMqttCpp REQUIRED)
find_package(GTest REQUIRED)
find_package(prometheus-cpp REQUIRED)
