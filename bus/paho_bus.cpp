#include "bus/paho_bus.h"
