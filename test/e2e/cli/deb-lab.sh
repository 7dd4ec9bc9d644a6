#!/bin/sh
# Installs a berth package in a clean Debian tree, runs containers there, removes it again. Leaves nothing behind.
# usage: deb-lab.sh DEBIAN_TREE PACKAGE NETNS WORK_FOLDER, in a mount namespace of its own
set -eu
tree=$1 package=$2 netns=$3 work=$4
mkdir -p "$work/upper" "$work/work" "$work/root" "$work/data"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/var/lib/berth"
mount --bind "$work/data" "$root/var/lib/berth"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp -r /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
cp "$package" "$root/tmp/berth.deb"
unset DOCKER_HOST DOCKER_CONTEXT
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
inside() { nsenter --net="/run/netns/$netns" chroot "$root" "$@"; }
chroot "$root" sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends /tmp/berth.deb busybox-static' >"$work/apt.log" 2>&1
echo "group: $(chroot "$root" getent group berth | cut -d: -f1)"
inside sh -c 'mkdir -p /var/log/berth; exec berthd -H unix:///run/berth/berth.sock --pidfile /run/berthd.pid >/var/log/berth/berthd.log 2>&1 </dev/null' &
for _ in $(seq 100); do inside berth version >/dev/null 2>&1 && break; sleep 0.2; done
inside sh -c "ls -la /run/berth /var/run; which berth; berth version" >"$work/debug" 2>&1 || true
inside berth version --format 'engine: {{.Server.Version}}' || cat "$root/var/log/berth/berthd.log"
inside sh -c 'mkdir -p /tmp/t/bin && cp /bin/busybox /tmp/t/bin/ && ln -s busybox /tmp/t/bin/sh && tar -C /tmp/t -c . | berth import -c "CMD [\"sh\"]" - box' >/dev/null
inside berth run --rm box busybox echo 'run: hello'
inside berth run -d --name keeper box busybox sleep 600 >/dev/null
kill "$(cat "$root/run/berthd.pid")"
for _ in $(seq 50); do [ -e "$root/run/berthd.pid" ] || break; sleep 0.2; done
chroot "$root" man -w berth >/dev/null 2>&1 || [ -e "$root/usr/share/man/man1/berth.1.gz" ] || echo 'man: missing'
chroot "$root" dpkg --purge berth >>"$work/apt.log" 2>&1
echo "left: $(chroot "$root" sh -c 'find / -xdev -name "*berth*" -not -path "/proc/*" -not -path "/var/lib/berth*" -not -path "/tmp/*" -not -path "/var/log/*" -not -path "/run/*" -not -path "/var/cache/*" 2>/dev/null' | tr '\n' ' ')"
