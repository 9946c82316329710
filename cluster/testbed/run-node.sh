#!/bin/bash
# What runs on a node, started in network and mount namespaces of its own: default paths are bound privately, so that
# nothing collides with this machine or with another node, and all of it is gone with the namespaces.
# Words: folder, programs, name, address, archives of images …
set -euo pipefail
folder=$1 programs=$2 name=$3 address=$4
shift 4
export PATH=$programs:$PATH

mount --make-rshared /
mkdir -p /run/containerd /run/netns /var/lib/kubelet /var/log/pods /var/log/containers /var/lib/cni
mount --bind "$folder/kubelet" /var/lib/kubelet
mount --make-shared /var/lib/kubelet
mount --bind "$folder/pods" /var/log/pods
mount --bind "$folder/containers" /var/log/containers
mount -t tmpfs none /run/containerd
mount -t tmpfs none /run/netns
# Nodes of one machine have one /run; pods with a hostPath there must not meet.
mkdir -p /run/bpflab
mount -t tmpfs none /run/bpflab
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
# The node's own network, not this machine's.
sysctl -qw net.ipv4.ip_forward=1

pids=()
end() {
  trap - TERM INT
  kill "${pids[@]}" 2>/dev/null || true
  wait
  exit 0
}
trap end TERM INT

# They end with this shell, also when it is killed.
run() { exec setpriv --pdeathsig KILL -- "$@"; }

run containerd --config "$folder/containerd.toml" &
pids+=($!)
socket=/run/containerd/containerd.sock
until [ -S $socket ] && ctr --address $socket version >/dev/null 2>&1; do
  kill -0 "${pids[0]}" || exit 1
  sleep 0.05
done
for archive in "$@"; do ctr --address $socket --namespace k8s.io images import --local --digests "$archive"; done

# As systemd does elsewhere: a kubelet that ends is started anew.
run bash -c 'while :; do setpriv --pdeathsig KILL -- kubelet "$@"; sleep 0.2; done' restarting \
  --config="$folder/kubelet.json" --kubeconfig="$KUBECONFIG" --hostname-override="$name" --node-ip="$address" \
  --cert-dir="$folder/pki" &
pids+=($!)
run kube-proxy --config="$folder/proxy.json" &
pids+=($!)
wait -n
end
