#!/usr/bin/env bash
# Builds everything and runs every test, the browser's included, from a bare clone. The last line says "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

step() {
  echo "== $1 ($(date -u +%H:%M:%S))"
}
give_up() {
  echo "Error: $1 failed; what it said stands above. No test was run." >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
}

step "System packages"
# Ubuntu's chromium package is a link to a snap: name any Chromium in CHROMIUM there.
chromium=${CHROMIUM:-/usr/bin/chromium}
. eng/prepare.sh
prepare "chromium=$chromium" python3=/usr/bin/python3 "fonts-liberation=/usr/share/fonts/*/liberation*"

step "Restore"
locked=()
[ "${CI:-}" = "true" ] && locked=(--locked-mode)
dotnet restore CodexWeb.sln "${locked[@]}" || give_up "dotnet restore"
step "Build"
dotnet build CodexWeb.sln --no-restore --verbosity quiet -consoleLoggerParameters:NoSummary || give_up "dotnet build"
step "Format"
dotnet format CodexWeb.sln --verify-no-changes --no-restore || give_up "dotnet format --verify-no-changes"

step "Tests"
# One test project after the other: their processes and the browser have the machine to themselves. A hang is ended and named.
status=0
dotnet test CodexWeb.sln --no-build -maxcpucount:1 --blame-hang-timeout 6min --blame-hang-dump-type none "$@" 2>&1 | tee "$log" || status=$?

# One line per assembly: "Passed!  - Failed:     0, Passed:     9, Skipped:     0, Total: ..."
read -r passed failed skipped < <(awk '/^(Passed|Failed|Skipped)! +- / { gsub(/[:,]/, " "); for (i = 1; i < NF; i++) n[$i] += $(i + 1) }
  END { print n["Passed"] + 0, n["Failed"] + 0, n["Skipped"] + 0 }' "$log")
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "Error: a test run broke off; what it said stands above." >&2
fi
if [ "$passed" -eq 0 ]; then
  echo "Error: no test passed." >&2
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
