# What the other scripts share: where they are, how they speak, and what they need of the system.
# To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Says what is being done, on standard error: standard output belongs to results.
say() { printf '%s\n' "$*" >&2; }

# Ends the script with one line that says what could not be had.
fail() {
  say "${0##*/}: $*"
  exit 1
}

# Runs a command whose output only matters when it fails: then its last lines are shown.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then tail -n 20 "$log" >&2; fi
  rm -f "$log"
  return "$status"
}

# Whether a C header and its library can be used: the compiler is asked, not the package manager.
can_link() {
  printf '#include <%s>\nint main(void) { return 0; }\n' "$1" |
    clang ${3:+"-I$3"} -x c - -o /dev/null "-l$2" 2>/dev/null
}

# Where Debian and Homebrew put OpenBLAS's headers when they are not on the compiler's own path.
has_libraries() {
  can_link cblas.h openblas "$(pkg-config --variable=includedir openblas 2>/dev/null)" &&
    can_link lapacke.h lapacke "$(pkg-config --variable=includedir lapacke 2>/dev/null)"
}

# Installs Debian packages: as root, or as a user who may become root without a password.
install_packages() {
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
      fail "installing $* needs root: run 'apt-get install $*' as root, then try again"
    become=(sudo -n)
  fi
  command -v apt-get >/dev/null ||
    fail "$* are missing, and this system has no apt-get to install them with"
  say "Installing $* …"
  export DEBIAN_FRONTEND=noninteractive
  quietly "${become[@]}" apt-get update 2>/dev/null ||
    fail "the list of packages cannot be had: is there a network?"
  quietly "${become[@]}" apt-get install -y --no-install-recommends "$@" ||
    fail "apt-get could not install $*"
}

# The Swift toolchain, OpenBLAS and LAPACKE.
require_toolchain() {
  command -v swift >/dev/null || fail "swift 6.2 or later is needed: https://www.swift.org/install"
  has_libraries || install_packages libopenblas-dev liblapacke-dev
}
