#pragma once

#include <string>
#include <vector>

#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

// The sum of all shards in Prometheus' text format. Any thread.
std::string metricsPage(const std::vector<const Stats*>& shards);

}  // namespace parlor::gateway
