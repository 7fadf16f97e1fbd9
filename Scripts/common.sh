# Functions that the other scripts share: messages, the toolchain, system packages. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Prints a message on standard error: standard output belongs to results.
say() { printf '%s\n' "$*" >&2; }

# Ends the script with an error message.
fail() {
  say "${0##*/}: $*"
  exit 1
}

# Runs a command and shows its output only if the command fails: then all of it.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then cat "$log" >&2; fi
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
  quietly "${become[@]}" apt-get update ||
    fail "the list of packages cannot be downloaded: is there a network?"
  quietly "${become[@]}" apt-get install -y --no-install-recommends "$@" ||
    fail "apt-get could not install $*"
}

# A text in what the toolchain says about itself, such as runtimeResourcePath.
target_info() { swift -print-target-info | sed -n "s/^.*\"$1\": \"\(.*\)\".*$/\1/p"; }

# The path of a tool that comes with the Swift toolchain: on the path, or where the toolchain keeps its
# tools. Fails if there is none.
toolchain_tool() {
  command -v "$1" && return
  local tool
  tool=$(target_info runtimeResourcePath)/../../bin/$1
  [ -x "$tool" ] && printf '%s\n' "$tool"
}

# The Swift toolchain, OpenBLAS and LAPACKE.
require_toolchain() {
  command -v swift >/dev/null || fail "swift 6.2 or later is needed: https://www.swift.org/install"
  has_libraries || install_packages libopenblas-dev liblapacke-dev
}
