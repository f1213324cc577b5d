#!/usr/bin/env bash
# libraries.sh PROGRAM STAGE: the stage of deploy/Dockerfile installs, itself or as what that needs, every
# package that the program's shared libraries are of.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program=$1 stage=$2

# Those that every image has.
declare -A there=([libc6]=1 [libgcc-s1]=1)
add() {
  local package
  for package in "$@"; do
    package=${package%%:*}
    [ -z "${there[$package]:-}" ] || continue
    there[$package]=1
    # shellcheck disable=SC2046
    add $(dpkg-query -W -f '${Depends},${Pre-Depends}' "$package" 2>/dev/null | tr ',|' '\n' | sed 's/(.*//')
  done
}
# shellcheck disable=SC2046
add $(sed -n "/ AS $stage\$/,/^ENTRYPOINT/p" deploy/Dockerfile | sed -n '/apt-get install/,/rm -rf/p' |
  tr ' \\' '\n' | grep -E '^(lib|ca-)')

missing=0
for library in $(ldd "$program" | awk '$2 == "=>" {print $3}'); do
  package=$(dpkg -S "*-linux-gnu/$(basename "$(realpath "$library")")" | head -1)
  package=${package%%:*}
  [ -n "${there[$package]:-}" ] || { echo "$stage lacks $package, for ${library##*/}" && missing=1; }
done
exit "$missing"
