#!/usr/bin/env bash
# Builds the image on a Debian machine without Docker: deploy/build-image.sh [OPTION OF buildah bud]...
# As root, with debootstrap and buildah. The base is Debian bookworm with this machine's Node, or with the one that NODE names.
# With a registry or certificates of your own: --secret id=npmrc,src=$HOME/.npmrc --volume /etc/ssl/certs:/etc/ssl/certs:ro
set -euo pipefail
cd "$(dirname "$0")/.."

node=$(realpath "${NODE:-$(command -v node)}")
npm=$(npm root --global)/npm
base=localhost/kaiyan-base:node-$("$node" --print process.versions.node)
archive=build/kaiyan.tar

# Inside another container there may be no overlay file system and no namespaces to be had.
buildah() { command buildah --storage-driver vfs "$@"; }
export BUILDAH_ISOLATION=chroot

if [[ -z $(buildah images --quiet "$base" 2>/dev/null) ]]; then
  root=$(mktemp --directory)
  trap 'rm -rf "$root"' EXIT
  debootstrap --variant=minbase --include=libstdc++6,libatomic1 bookworm "$root"
  (cd "$root" && rm -rf dev/* var/cache/apt/* var/lib/apt/lists/*)
  install -D "$node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -R "$npm" "$root/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  container=$(buildah from scratch)
  buildah copy --quiet "$container" "$root" /
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" "$base"
fi

# Docker's format, because OCI's has no health check.
buildah bud --format docker --build-arg BASE="$base" --tag localhost/kaiyan --file deploy/Dockerfile "$@" .
mkdir -p build
rm -f "$archive"
buildah push --quiet localhost/kaiyan "docker-archive:$archive:kaiyan:latest"
echo "$archive is ready, for docker load, podman load or deploy/try-image.sh."
