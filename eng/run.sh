#!/usr/bin/env bash
# Starts CodexWeb on http://127.0.0.1:5080. On a fresh Debian or Ubuntu with only the .NET 10 SDK it first installs the few
# system packages it needs and builds; a second start does neither. Arguments go to the server: eng/run.sh doctor,
# eng/run.sh --urls http://127.0.0.1:6000, eng/run.sh --Data:Directory=/srv/codexweb.
set -euo pipefail
here=$(pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd)
. eng/prepare.sh
prepare

server=$root/src/CodexWeb/bin/Release/net10.0/CodexWeb.dll
stamp=src/CodexWeb/obj/run.stamp
# A folder is newer when a file in it was added or removed, a file when it was changed.
if [ ! -f "$server" ] || [ ! -f "$stamp" ] || [ ! -d node_modules ] || [ -n "$(find src wwwroot appsettings*.json Directory.*.props global.json package-lock.json .editorconfig eng/BannedSymbols.txt \
    \( -name bin -o -name obj \) -prune -o -newer "$stamp" -print -quit)" ]; then
  echo "Building CodexWeb (the first time takes about a minute)"
  # Made before the clock is read: a new folder makes the one it lies in newer.
  mkdir -p src/CodexWeb/{bin,obj} src/CodexWeb.Agent/{bin,obj}
  begun=$(mktemp)
  trap 'rm -f "$begun"' EXIT
  dotnet build src/CodexWeb/CodexWeb.csproj --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
  # What was saved while it built is built the next time.
  touch --reference="$begun" "$stamp"
  rm -f "$begun"
fi

# Relative paths in the arguments mean what they mean where the command was given.
cd "$here"
exec dotnet "$server" "$@"
