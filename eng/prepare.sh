#!/usr/bin/env bash
# What building and running need beside the .NET SDK. Sourced by run.sh and test.sh.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# The SDK then does without libicu, which a bare machine lacks.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-1}

# Finds the SDK, leaves it in PATH, and installs the system packages; its arguments are further ones, as install.sh takes them.
prepare() {
  if ! command -v dotnet >/dev/null; then
    for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
      if [ -n "$place" ] && [ -x "$place/dotnet" ]; then
        export DOTNET_ROOT="$place" PATH="$place:$PATH"
        break
      fi
    done
  fi
  # The check is made where global.json says which SDK is wanted.
  if ! sdk=$(dotnet --version 2>&1); then
    echo "Error: the .NET 10 SDK is needed. Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2
    echo "$sdk" | head -n 5 >&2
    exit 1
  fi

  eng/install.sh ca-certificates=/etc/ssl/certs/ca-certificates.crt git=git bubblewrap=bwrap ripgrep=rg perl=prove util-linux=setpriv \
    "libsqlite3-0=/usr/lib/*/libsqlite3.so.0" npm=npm "$@"
}
