# Installing and building.

# packages_of SECTION: its lines of deploy/debian-packages.txt.
packages_of() {
  sed -n "/^\[$1\]/,/^\[/p" "$root/deploy/debian-packages.txt" | grep -vE '^(\[|#|$)' || true
}

cmd_deps() {
  local missing=() section line package
  [ $# -gt 0 ] || set -- build
  for section in "$@"; do
    for line in $(packages_of "$section"); do
      package=${line%%:*}
      [ "$line" != "$package" ] && command -v "${line#*:}" >/dev/null && continue
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
        missing+=("$package")
    done
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get update -q >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "${missing[@]}" >/dev/null || die "apt-get could not install: ${missing[*]}"
}

# configure_and_build PRESET [TARGET …]
configure_and_build() {
  local preset=$1
  shift
  say "building ($preset)"
  (
    cd "$root"
    cmake --preset "$preset" >"$root/build-$preset.log" 2>&1 ||
      { cat "$root/build-$preset.log" >&2; die "cmake could not configure"; }
    rm -f "$root/build-$preset.log"
    NINJA_STATUS='  [%f/%t, %es] ' cmake --build "build/$preset" -j "$(nproc)" \
      ${1:+--target "$@"}
  )
}

build_widget() {
  say "building the widget"
  (
    cd "$root/widget"
    if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
      npm ci --no-audit --no-fund --loglevel=error
    fi
    npm run --silent build
  ) >&2
}

product_targets=(parlor-gateway parlor-ledger parlor-admin parlor-agent parlor-agent-headless)

cmd_build() {
  cmd_deps build
  configure_and_build release "${product_targets[@]}" >&2
  build_widget
}
