# Runs inside the sandbox. Applies a patch in Git's format to the workspace: all of it or nothing.
#   in       $CODEXWEB_PATCH_BYTES bytes on standard input; $CODEXWEB_REVERSE is 1 to take the patch back
#   line 1   "applied", "there" (the files have it already) or "refused"
#   rest     what Git says about a refusal
# It uses a Git folder of its own, so that nothing in the workspace's .git has a say.

cd /workspace || exit 1
scratch=$(mktemp -d /tmp/.codexweb-apply-XXXXXX) || exit 1
trap 'rm -rf "$scratch"' EXIT
head -c "$CODEXWEB_PATCH_BYTES" >"$scratch/patch" || exit 1
cp -r /codexweb/base/codexweb "$scratch/git" || exit 1

export GIT_DIR="$scratch/git" GIT_WORK_TREE=/workspace GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 LC_ALL=C
if [ "$CODEXWEB_REVERSE" = 1 ]; then
  direction=--reverse
  opposite=
else
  direction=
  opposite=--reverse
fi

# shellcheck disable=SC2086 # an empty direction is no argument
if git apply $direction --whitespace=nowarn "$scratch/patch" 2>"$scratch/errors"; then
  echo applied
elif git apply $opposite --check --whitespace=nowarn "$scratch/patch" 2>/dev/null; then
  echo there
else
  echo refused
  head -c 8000 "$scratch/errors"
fi
