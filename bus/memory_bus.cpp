#include "bus/memory_bus.h"
