# Shared functions of the scripts: messages, toolchain, system packages. Other scripts source this file.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Prints a message on standard error. Standard output is for results.
say() { printf '%s\n' "$*" >&2; }

# Ends the script with an error message.
fail() {
  say "${0##*/}: $*"
  exit 1
}

# Runs a command, and shows its output only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then cat "$log" >&2; fi
  rm -f "$log"
  return "$status"
}

# can_link HEADER LIBRARY [INCLUDE_FOLDER]: whether the compiler finds a C header and its library.
can_link() {
  printf '#include <%s>\nint main(void) { return 0; }\n' "$1" |
    clang ${3:+"-I$3"} -x c - -o /dev/null "-l$2" 2>/dev/null
}

# Whether OpenBLAS, LAPACKE and SQLite are installed. pkg-config finds headers outside the compiler's search path.
has_libraries() {
  can_link cblas.h openblas "$(pkg-config --variable=includedir openblas 2>/dev/null)" &&
    can_link lapacke.h lapacke "$(pkg-config --variable=includedir lapacke 2>/dev/null)" &&
    can_link sqlite3.h sqlite3 "$(pkg-config --variable=includedir sqlite3 2>/dev/null)"
}

# Installs Debian packages, as root or with password-free sudo.
install_packages() {
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
      fail "installing $* requires root: run 'apt-get install $*' as root, then try again"
    become=(sudo -n)
  fi
  command -v apt-get >/dev/null ||
    fail "$* not found, and there is no apt-get to install it"
  say "Installing $* …"
  export DEBIAN_FRONTEND=noninteractive
  quietly "${become[@]}" apt-get update ||
    fail "apt-get update failed; check the network connection"
  quietly "${become[@]}" apt-get install -y --no-install-recommends "$@" ||
    fail "apt-get install $* failed"
}

# A string property from swift -print-target-info, such as runtimeResourcePath.
target_info() { swift -print-target-info | sed -n "s/^.*\"$1\": \"\(.*\)\".*$/\1/p"; }

# The path of a tool of the Swift toolchain, from PATH or the toolchain's bin folder. Fails if there is none.
toolchain_tool() {
  command -v "$1" && return
  local tool
  tool=$(target_info runtimeResourcePath)/../../bin/$1
  [ -x "$tool" ] && printf '%s\n' "$tool"
}

# Requires the Swift toolchain, and installs OpenBLAS, LAPACKE and SQLite if necessary.
require_toolchain() {
  command -v swift >/dev/null || fail "Swift 6.2 or later is required: https://www.swift.org/install"
  has_libraries || install_packages libopenblas-dev liblapacke-dev libsqlite3-dev
}
