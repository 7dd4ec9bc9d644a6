#!/bin/sh
# Installs a berth package in a clean Debian tree, runs containers there, removes it again. Leaves nothing behind.
# usage: deb-lab.sh DEBIAN_TREE PACKAGE NETNS WORK_FOLDER, in a mount namespace of its own
set -eu
tree=$1 package=$2 netns=$3 work=$4
here=$(dirname "$0")
unset DOCKER_HOST DOCKER_CONTEXT
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p "$work/upper" "$work/work" "$work/root" "$work/data"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mkdir -p "$root/var/lib/berth" "$root/old"
mount --bind "$work/data" "$root/var/lib/berth"
if [ ! -e "$root/usr/bin/berth" ]; then
  cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
  cp -r /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
  cp "$package" "$root/tmp/berth.deb"
  chroot "$root" sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends /tmp/berth.deb busybox-static' >"$work/apt.log" 2>&1
fi
mount -t tmpfs tmpfs "$root/run"
cp "$here/deb-lab-inside.sh" "$root/tmp/inside.sh"
# a real root, not a chroot: an engine that comes back from another mount namespace lands at the root of its own
exec nsenter "--net=/run/netns/$netns" sh -c 'cd "$1" && pivot_root . old && exec chroot . sh -c "umount -l /old && exec sh /tmp/inside.sh"' sh "$root"
