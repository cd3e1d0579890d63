# Runs inside the sandbox. Says on standard output what the workspace looks like now:
#   line 1   "same", or "tree" and the hash of the whole as a Git tree
#   line 2   the number of bytes that follow before the pack
#   bytes    what was left out: "large", "repository" or "error", a tab and a path or message, ended by NUL
#   pack     the objects that were made since the tree in $CODEXWEB_LAST_TREE; nothing when there are none
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
rm -f "$repository/index.lock" "$repository/skipped"
: >"$repository/skipped"
tree=
read -r tree <"$repository/tree"
confirmed=
if [ "$tree" = "$CODEXWEB_LAST_TREE" ]; then
  # The server has all that was sent so far.
  confirmed=1
  rm -rf "$repository"/objects/[0-9a-f][0-9a-f]
fi

git ls-files -z --modified --others --exclude-standard >"$repository/changed" || exit 1
if [ -s "$repository/changed" ]; then
  # A folder in this list is a repository of its own. Nine digits are 100 MB or more.
  grep -z '/$' "$repository/changed" >"$repository/inner"
  xargs -0 -r stat --printf='%s\t%n\0' -- <"$repository/changed" 2>/dev/null | grep -zE '^[0-9]{9,}' | cut -z -f 2- >"$repository/large"
  {
    printf '.\0'
    sed -z 's/^/:(exclude,top,literal)/' "$repository/inner" "$repository/large"
  } >"$repository/paths"
  sed -z 's/^/repository\t/' "$repository/inner" >"$repository/skipped"
  sed -z 's/^/large\t/' "$repository/large" >>"$repository/skipped"
  if ! git add --all --ignore-errors --pathspec-from-file="$repository/paths" --pathspec-file-nul 2>"$repository/errors"; then
    printf 'error\t%s\0' "$(head -c 500 "$repository/errors")" >>"$repository/skipped"
  fi

  tree=$(git write-tree --missing-ok) || exit 1
  printf '%s\n' "$tree" >"$repository/tree"
elif [ -z "$confirmed" ]; then
  tree=$(git write-tree --missing-ok) || exit 1
  printf '%s\n' "$tree" >"$repository/tree"
fi

if [ "$tree" = "$CODEXWEB_LAST_TREE" ]; then
  echo same
else
  printf 'tree %s\n' "$tree"
fi

wc -c <"$repository/skipped"
cat "$repository/skipped"
if [ "$tree" != "$CODEXWEB_LAST_TREE" ]; then
  cd "$repository/objects" || exit 1
  for object in [0-9a-f][0-9a-f]/*; do
    if [ -f "$object" ]; then
      printf '%s%s\n' "${object%/*}" "${object#*/}"
    fi
  done >"$repository/made"
  if [ -s "$repository/made" ]; then
    git pack-objects -q --stdout --window=0 <"$repository/made" || exit 1
  fi
fi
