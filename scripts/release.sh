#!/usr/bin/env bash
# Makes the release tarball: a stripped binary with completions, man pages, profiles, licenses and checksums.
#
#   scripts/release.sh [OUT]      OUT is the folder for the tarball, dist/ by default
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist}
mkdir -p "$out"
version=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"name":"rollcall","version":"\([^"]*\)".*/\1/')
target=$(rustc -vV | sed -n 's/^host: //p')
name=rollcall-$version-$target

cargo build --release --locked
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name"/{data,man,completions}
binary=${CARGO_TARGET_DIR:-target}/release/rollcall
install -m 755 "$binary" "$stage/$name/rollcall"
strip "$stage/$name/rollcall"
"$stage/$name/rollcall" man --out "$stage/$name/man" > /dev/null
for shell in bash zsh fish powershell elvish; do
  "$stage/$name/rollcall" completions "$shell" > "$stage/$name/completions/rollcall.$shell"
done
cp -r data/profiles "$stage/$name/data/"
cp README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT "$stage/$name/"
# The same content gives the same bytes: names in order, one owner, the time of the last commit.
when=$(git log -1 --format=%cI 2> /dev/null || date -u +%Y-%m-%dT%H:%M:%SZ)
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$when" -C "$stage" -cf - "$name" | gzip -n > "$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
