#!/usr/bin/env bash
# deploy/prometheus as Prometheus reads it, and which alerts fire when.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v promtool >/dev/null || { echo "promtool is not installed (Debian: prometheus)"; exit 77; }
promtool check config deploy/prometheus/prometheus.yml
promtool test rules tests/deploy/alerts_test.yml
