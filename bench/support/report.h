#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace parlor::bench {

// Latencies of one kind, in the order they came.
class Latencies {
 public:
    void add(std::chrono::nanoseconds value) { values_.push_back(value); }
    std::size_t count() const { return values_.size(); }
    // The value that this share (0..1) of all does not exceed, in milliseconds; 0 without any.
    double percentileMs(double share) const;

 private:
    std::vector<std::chrono::nanoseconds> values_;
};

// Metrics in the order they were set, as a table for people and as {"metric": value}.
class Report {
 public:
    // `suffix`: of all metrics' names.
    explicit Report(std::string suffix = {}) : suffix_(std::move(suffix)) {}
    // A value that is not finite was not measured.
    void set(const std::string& metric, double value, const std::string& unit);
    // Without any they were not measured.
    void setLatencies(const std::string& prefix, const Latencies& latencies);
    // What the run promises to show; `promise` is what is said where it does not.
    void require(bool holds, const std::string& promise);
    void print() const;
    // Adds to what the file holds already, so that several programs share one. Throws
    // std::runtime_error where it cannot be written.
    void writeJson(const std::string& file) const;
    // 0 where all was measured, and at least something, and all that was required holds; else 1,
    // and the standard error output says why not.
    int exitCode() const;

 private:
    struct Row {
        std::string metric;
        double value;
        std::string unit;
    };
    const std::string suffix_;
    std::vector<Row> rows_;
    std::vector<std::string> faults_;
};

}  // namespace parlor::bench
