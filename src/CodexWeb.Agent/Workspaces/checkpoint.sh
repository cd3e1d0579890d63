# Runs inside the sandbox. Says on standard output what the workspace looks like now:
#   line 1   "same", or "tree" and the hash of the whole as a Git tree
#   line 2   the number of bytes that follow before the pack
#   bytes    what was left out: "large", "repository" or "error", a tab and a path or message, ended by NUL
#   pack     the objects that were made since the tree in $CODEXWEB_LAST_TREE; nothing when there are none
# It starts as few programs as it can: it runs after every step.
# It uses a Git folder of its own, so that nothing in the workspace's .git has a say, and needs no .git at all.
# Nothing here is trusted by the server: what it gets is checked object by object.

cd /workspace || exit 1
repository=/workspace/.git/codexweb
if [ ! -d .git ] || [ -L .git ]; then
  repository=/tmp/.codexweb-checkpoint
fi

if [ "$CODEXWEB_RESET" = 1 ]; then
  rm -rf "$repository"
fi

if [ ! -f "$repository/index" ] || [ ! -f "$repository/config" ]; then
  rm -rf "$repository"
  cp -r /codexweb/base/codexweb "$repository" || exit 1
fi

export GIT_DIR="$repository" GIT_WORK_TREE=/workspace GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 LC_ALL=C
if [ -e "$repository/index.lock" ]; then
  rm -rf "$repository/index.lock"
fi

: >"$repository/skipped"
sent=
read -r sent <"$repository/tree"
set -- "$repository"/objects/[0-9a-f][0-9a-f]
if [ "$sent" = "$CODEXWEB_LAST_TREE" ] && [ -e "$1" ]; then
  # The server has all that was made so far.
  rm -rf "$@"
fi

# What Git warns of would else be read as the first line of the answer.
fail() {
  head -c 500 "$repository/errors"
  exit 1
}

list() {
  git ls-files -z --modified --others --exclude-standard >"$repository/changed" 2>"$repository/errors" || fail
}

add() {
  git add --all --ignore-errors --pathspec-from-file="$repository/paths" --pathspec-file-nul 2>"$repository/errors"
}

# A file its owner may not read would count as deleted. A Git tree knows no such modes, so nothing is lost by giving the owner his rights back.
unlock() {
  find . -path ./.git -prune -o -type d ! -perm -u=rwx -exec chmod u+rwx {} \; 2>>"$repository/errors"
  find . -path ./.git -prune -o -type f ! -perm -u=r -exec chmod u+r {} + 2>>"$repository/errors"
}

list
if [ -s "$repository/errors" ]; then
  unlock
  list
fi

if [ -s "$repository/changed" ]; then
  # A folder in this list is a repository of its own.
  perl -0 -ne '
    chomp;
    if (m{/\z}) { print "repository\t$_\0" }
    elsif (lstat && -f _ && -s _ >= 100_000_000) { print "large\t$_\0" }
  ' "$repository/changed" >"$repository/skipped"
  {
    printf '.\0'
    if [ -s "$repository/skipped" ]; then
      cut -z -f 2- "$repository/skipped" | sed -z 's/^/:(exclude,top,literal)/'
    fi
  } >"$repository/paths"
  if ! add && unlock && ! add; then
    printf 'error\t%s\0' "$(head -c 500 "$repository/errors")" >>"$repository/skipped"
  fi
fi

tree=$(git write-tree --missing-ok 2>"$repository/errors") || fail
printf '%s\n' "$tree" >"$repository/tree"
if [ "$tree" = "$CODEXWEB_LAST_TREE" ]; then
  echo same
else
  printf 'tree %s\n' "$tree"
fi

if [ -s "$repository/skipped" ]; then
  wc -c <"$repository/skipped"
  cat "$repository/skipped"
else
  echo 0
fi

if [ "$tree" != "$CODEXWEB_LAST_TREE" ]; then
  cd "$repository/objects" || exit 1
  for object in [0-9a-f][0-9a-f]/*; do
    if [ -f "$object" ]; then
      printf '%s%s\n' "${object%/*}" "${object#*/}"
    fi
  done >"$repository/made"
  if [ -s "$repository/made" ]; then
    git pack-objects -q --stdout --window=0 <"$repository/made" 2>/dev/null || exit 1
  fi
fi
