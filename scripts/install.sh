#!/usr/bin/env bash
# Puts a verified binary under RUNNER_TEMP and tells its path. Where there is no binary whose checksum this release of the
# action knows, the action's own checkout is built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fail() {
  echo "::error title=worklint::$*"
  exit 3
}

read -r own < "$here/support/default-version"
version=${WORKLINT_IN_VERSION#v}
if [[ -z $version ]]; then version=$own; fi
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "the version must be X.Y.Z"

case "${RUNNER_OS}-${RUNNER_ARCH}" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) target="" ;;
esac
ext=""
if [[ $RUNNER_OS == Windows ]]; then ext=.exe; fi

digest=""
if [[ -n $target ]]; then
  while read -r known platform sum; do
    if [[ $known == "$version" && $platform == "$target" ]]; then digest=$sum; fi
  done < "$here/support/checksums"
fi

dest="${RUNNER_TEMP//\\//}/worklint-$version"
mkdir -p "$dest"
binary="$dest/worklint$ext"

download() {
  local archive="$dest/worklint.tar.gz" got
  local base=${WORKLINT_DOWNLOAD_BASE:-https://github.com/worklint/worklint/releases/download}
  curl --proto '=https' --tlsv1.2 -fsSL --retry 3 -o "$archive" "$base/v$version/worklint-$target.tar.gz" || return 1
  if command -v sha256sum > /dev/null; then got=$(sha256sum "$archive"); else got=$(shasum -a 256 "$archive"); fi
  [[ ${got%% *} == "$digest" ]] || fail "the checksum of worklint $version for $target is not the one that this action knows"
  tar -xzf "$archive" -C "$dest" "worklint$ext"
}

build() {
  [[ $version == "$own" ]] ||
    fail "this release of the action has no checksum of worklint $version for ${RUNNER_OS}-${RUNNER_ARCH}; use the action of that version"
  command -v cargo > /dev/null || fail "no binary for ${RUNNER_OS}-${RUNNER_ARCH}, and no cargo to build one"
  echo "::notice title=worklint::no binary of $version for ${RUNNER_OS}-${RUNNER_ARCH}, building it from the action's checkout"
  cargo install --locked --quiet --path "$here" --root "$dest" || fail "building worklint failed"
  mv "$dest/bin/worklint$ext" "$binary"
}

if [[ -n $digest ]]; then
  download || build
else
  build
fi
[[ -f $binary ]] || fail "the archive holds no worklint$ext"
echo "bin=$binary" >> "$GITHUB_OUTPUT"
