#!/usr/bin/env bash
# Installs the system packages named by its arguments, those that are missing. Each argument is PACKAGE=TEST, where TEST is
# a program that must be found, or a file (with a slash) that must be there. Asks for nothing when all are there.
set -euo pipefail

present() {
  case "$1" in
    */*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# Administrators' programs are not in everybody's PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing=()
for need in "$@"; do
  present "${need#*=}" || missing+=("${need%%=*}")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

echo "Installing system packages: ${missing[*]}"
by_hand="As root, run this, then try again:  apt-get install --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "Error: this is not Debian or Ubuntu (there is no apt-get), so these packages cannot be installed here: ${missing[*]}. Install what corresponds to them and run this again." >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Error: system packages are missing, and neither are you root nor is there sudo. $by_hand" >&2
    exit 1
  fi
  if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && sudo -v; }; then
    echo "Error: system packages are missing, and sudo does not let you install them. $by_hand" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quiet() {
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "Error: \"$*\" failed; what it said stands above. $by_hand" >&2
    exit 1
  fi
}
quiet "${as_root[@]}" apt-get update -qq
quiet "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"

for need in "$@"; do
  if ! present "${need#*=}"; then
    echo "Error: the package ${need%%=*} is installed, but ${need#*=} is still not there." >&2
    exit 1
  fi
done
