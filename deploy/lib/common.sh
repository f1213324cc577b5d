# Shared by all of the script's parts.

say() { printf '%s\n' "parlor: $*" >&2; }
die() {
  printf '%s\n' "parlor: $*" >&2
  exit 1
}

# The command prefix that makes root of us; empty for root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root or sudo"
  fi
}

# port_taken PORT: somebody listens on 127.0.0.1:PORT.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
