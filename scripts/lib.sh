# What the scripts share: installing what is missing, building, saying what happens.
# Sourced by scripts/build, test, demo, bench and .ci/run; does nothing by itself.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

# Debian 12's own packages, nothing else. `packages_build` builds the programs and their tests,
# `packages_test` runs the tests and the demonstration, `packages_ci` builds with sanitizers.
packages_build=(g++ cmake ninja-build pkg-config
  openssl libssl-dev libssl3 capnproto libcapnp-dev libzmq3-dev cppzmq-dev libsqlite3-dev
  libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libexpected-dev
  libargon2-dev libcpp-httplib-dev libkainjow-mustache-dev catch2 libbenchmark-dev)
packages_test=(python3 python3-zmq gdb sqlite3 faketime)
packages_ci=(clang-14 libclang-rt-14-dev llvm-14 clang-format-14)

# Below it, forged AuthEnvelopedData is accepted (CVE-2026-34182).
openssl_least=3.0.21

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "This needs root to install packages: run it as root, or install sudo. Nothing was changed."
  fi
}

apt_updated=
apt_update() {
  [ -z "$apt_updated" ] || return 0
  say "Reading Debian's package lists (apt-get update)"
  as_root apt-get update -qq || fail "apt-get update failed: check the network, then run this again."
  apt_updated=yes
}

apt_install() {
  local said
  said=$(as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" 2>&1) ||
    fail "$said" $'\n'"apt-get could not install: $*. Its message is above; nothing was built."
}

# install_missing NAME...: installs those of the packages that are not there.
install_missing() {
  local name missing=()
  local present
  present=" $(dpkg-query -W -f='${Package}/${db:Status-Status} ' "$@" 2>/dev/null || true) "
  for name in "$@"; do
    [[ "$present" == *" $name/installed "* ]] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing Debian packages: ${missing[*]}"
  apt_update
  apt_install "${missing[@]}"
}

# A fresh image can carry an older OpenSSL than Debian's security archive has.
require_openssl() {
  local version
  version=$(dpkg-query -W -f='${Version}' libssl3 2>/dev/null || echo 0)
  ! dpkg --compare-versions "$version" lt "$openssl_least" || upgrade_openssl "$version"
  version=$(dpkg-query -W -f='${Version}' libssl-dev 2>/dev/null || echo 0)
  ! dpkg --compare-versions "$version" lt "$openssl_least" || upgrade_openssl "$version"
}

upgrade_openssl() {
  apt_update
  local candidate
  candidate=$(apt-cache policy libssl3 | awk '/Candidate:/ {print $2}')
  if dpkg --compare-versions "$candidate" lt "$openssl_least"; then
    # The security archive lies beside the main one on the mirror that this machine uses already.
    local list=/etc/apt/sources.list.d/debian-security-liaison.list mirror
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    [ -n "$mirror" ] || fail "OpenSSL is $1 and no Debian mirror is set up to upgrade it from: add Debian's security archive to apt's sources."
    say "Adding Debian's security archive ($list): OpenSSL $openssl_least or newer comes from there"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
      "${mirror%/}-security bookworm-security main" | as_root tee "$list" >/dev/null
    apt_updated=
    apt_update
  fi
  say "Upgrading OpenSSL from $1: openssl libssl-dev libssl3"
  apt_install openssl libssl-dev libssl3
  version=$(dpkg-query -W -f='${Version}' libssl3)
  ! dpkg --compare-versions "$version" lt "$openssl_least" ||
    fail "OpenSSL is $version and Debian's archives offer none from $openssl_least on: Liaison does not run on it."
}

# Where ccache is installed, another clone of the same content compiles nothing again.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# build_tree PRESET [TARGET...]: configures (quick when nothing changed) and builds.
build_tree() {
  local preset=$1 log
  shift
  mkdir -p build
  log=build/configure-$preset.log
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    say "Configuring the $preset preset failed; its output is above and in $log." >&2
    return 1
  fi
  cmake --build --preset "$preset" -j "$(nproc)" ${*:+--target "$@"}
}
