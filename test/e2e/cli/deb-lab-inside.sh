#!/bin/sh
# The part of deb-lab.sh that runs inside the tree.
set -eu
echo "group: $(getent group berth | cut -d: -f1)"
mkdir -p /var/log/berth
berthd -H unix:///run/berth/berth.sock --pidfile /run/berthd.pid >/var/log/berth/berthd.log 2>&1 </dev/null &
for _ in $(seq 100); do berth version >/dev/null 2>&1 && break; sleep 0.2; done
berth version --format 'engine: {{.Server.Version}}' || cat /var/log/berth/berthd.log
mkdir -p /tmp/t/bin
cp /bin/busybox /tmp/t/bin/
ln -sf busybox /tmp/t/bin/sh
tar -C /tmp/t -c . | berth import -c 'CMD ["sh"]' - box >/dev/null
berth run --rm box busybox echo 'run: hello'
berth run -d --name keeper box busybox sleep 600 >/dev/null
echo "kept: $(berth ps --format '{{.Names}}')"
pid=$(cat /run/berthd.pid)
kill "$pid"
for _ in $(seq 100); do [ -e "/proc/$pid" ] || break; sleep 0.2; done
[ -e /usr/share/man/man1/berth.1.gz ] || [ -e /etc/dpkg/dpkg.cfg.d/docker ] || echo 'man: missing'
dpkg --purge berth >/dev/null 2>&1
left=$(find / -xdev -name '*berth*' -not -path '/proc/*' -not -path '/var/lib/berth*' -not -path '/tmp/*' -not -path '/var/log/*' -not -path '/run/*' -not -path '/var/cache/*' -not -path '/sys/*' -not -path '/etc/group*' 2>/dev/null | tr '\n' ' ')
echo "left: $left"
