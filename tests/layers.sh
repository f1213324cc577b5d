#!/usr/bin/env bash
# Includes point one way. Each line: a folder, and the project folders it may include besides itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
status=0
while read -r folder allowed; do
  [ -d "$folder" ] || { echo "no such folder: $folder"; status=1; continue; }
  pattern="^(${folder}/$(for other in $allowed; do printf '|%s/' "$other"; done))"
  while IFS=: read -r file line; do
    target=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$line")
    case "$target" in proto/* | bus/* | gateway/* | ledger/* | admin/* | agent-desktop/* | tests/*) ;; *) continue ;; esac
    if ! grep -qE "$pattern" <<<"$target"; then
      echo "$file includes $target: $folder may include only ${allowed:-itself}"
      status=1
    fi
  done < <(grep -rE --include='*.h' --include='*.cpp' '^#include "' "$folder" || true)
done <<'RULES'
proto
bus proto
gateway/mailbox bus proto
gateway/session gateway/mailbox bus proto
gateway/edge gateway/session gateway/mailbox bus proto
ledger/store proto
ledger/verify ledger/store proto
ledger/maintenance ledger/search ledger/verify ledger/store proto
ledger/directory ledger/store proto
ledger/metrics proto
ledger/announce ledger/metrics ledger/store bus proto
ledger/dispatch ledger/directory ledger/announce ledger/metrics ledger/store bus proto
ledger/history ledger/announce ledger/metrics ledger/store bus proto
ledger/search ledger/store proto
ledger/requests ledger/directory ledger/search ledger/announce ledger/metrics ledger/store bus proto
ledger/intake ledger/dispatch ledger/directory ledger/announce ledger/metrics ledger/store bus proto
admin ledger/maintenance bus proto
agent-desktop/core bus proto
agent-desktop/ui agent-desktop/core bus proto
RULES
[ "$status" = 0 ] && echo "includes point one way"
exit "$status"
