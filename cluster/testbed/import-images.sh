#!/bin/bash
# Puts archives of images into the store of a node that does not run yet, by a containerd that lives only for that.
# Words: folder, programs, archives of images …
set -euo pipefail
folder=$1
export PATH=$2:$PATH
shift 2
mkdir -p /run/containerd
mount --make-rprivate /
mount -t tmpfs none /run/containerd
setpriv --pdeathsig KILL -- containerd --config "$folder/containerd.toml" &
containerd=$!
socket=/run/containerd/containerd.sock
until [ -S $socket ] && ctr --address $socket version >/dev/null 2>&1; do
  kill -0 $containerd || exit 1
  sleep 0.05
done
for archive in "$@"; do ctr --address $socket --namespace k8s.io images import --local --digests "$archive"; done
kill $containerd
wait $containerd || true
