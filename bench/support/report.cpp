#include "bench/support/report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace parlor::bench {

double Latencies::percentileMs(double share) const {
    if (values_.empty()) return 0;
    auto sorted = values_;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                     sorted.end());
    return std::chrono::duration<double, std::milli>(sorted[rank]).count();
}

void Report::set(const std::string& metric, double value, const std::string& unit) {
    rows_.push_back({metric + suffix_, value, unit});
    if (!std::isfinite(value)) faults_.push_back("not measured: " + metric + suffix_);
}

void Report::setLatencies(const std::string& prefix, const Latencies& latencies) {
    if (latencies.count() == 0) faults_.push_back("not measured: " + prefix + suffix_);
    set(prefix + "_p50_ms", latencies.percentileMs(0.5), "ms");
    set(prefix + "_p99_ms", latencies.percentileMs(0.99), "ms");
    set(prefix + "_p999_ms", latencies.percentileMs(0.999), "ms");
}

void Report::require(bool holds, const std::string& promise) {
    if (!holds) faults_.push_back("not so: " + promise);
}

int Report::exitCode() const {
    if (rows_.empty()) std::fprintf(stderr, "nothing was measured\n");
    for (const auto& fault : faults_) std::fprintf(stderr, "%s\n", fault.c_str());
    return rows_.empty() || !faults_.empty() ? 1 : 0;
}

void Report::print() const {
    for (const auto& row : rows_) {
        std::printf("  %-38s %12.3f %s\n", row.metric.c_str(), row.value, row.unit.c_str());
    }
    std::fflush(stdout);
}

void Report::writeJson(const std::string& file) const {
    boost::json::object all;
    if (std::ifstream existing(file); existing) {
        const std::string text{std::istreambuf_iterator<char>(existing), {}};
        if (!text.empty()) all = boost::json::parse(text).as_object();
    }
    for (const auto& row : rows_) all[row.metric] = row.value;
    std::ofstream out(file);
    out << boost::json::serialize(all) << "\n";
    if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

}  // namespace parlor::bench
