# Writes the image, fitted, to standard output. IMAGE is its path, SIDE the longest side in pixels, FORMAT png or jpeg.
# The image is handed over as input, so that its name can mean nothing else. What one program cannot do the next may.
# Exit code 127: none is here. 1: none could.
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
fit="${SIDE}x${SIDE}>"
code=127

try() {
  command -v "$1" >/dev/null || return
  code=1
  if "$@" <"$IMAGE" >"$out" && [ -s "$out" ]; then
    cat "$out"
    exit 0
  fi
}

try magick "-[0]" -auto-orient -resize "$fit" "$FORMAT:-"
try convert "-[0]" -auto-orient -resize "$fit" "$FORMAT:-"
try gm convert "-[0]" -auto-orient -resize "$fit" "$FORMAT:-"
if python3 -c 'import PIL'; then
  try python3 -c 'import os, sys
from PIL import Image, ImageOps
image = ImageOps.exif_transpose(Image.open(sys.stdin.buffer))
image.thumbnail((int(os.environ["SIDE"]),) * 2)
kind = os.environ["FORMAT"]
(image.convert("RGB") if kind == "jpeg" else image).save(sys.stdout.buffer, kind)'
fi
codec=png
[ "$FORMAT" = jpeg ] && codec=mjpeg
try ffmpeg -v error -i pipe:0 -frames:v 1 -vf "scale=w='min($SIDE,iw)':h='min($SIDE,ih)':force_original_aspect_ratio=decrease" -c:v "$codec" -f image2pipe pipe:1
exit "$code"
