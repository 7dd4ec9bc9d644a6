#!/bin/sh
# Runs in a machine that systemd has booted: installs the package, uses it, upgrades, kills and purges.
export DEBIAN_FRONTEND=noninteractive
dpkg -i /package/berth.deb >/dev/null 2>&1 || echo 'install failed'
echo "socket: $(stat -c '%a %G' /run/berth/berth.sock)"
echo "engine before the first call: $(systemctl is-enabled berth.socket)"
mkdir -p /tmp/t/bin
cp /bin/busybox /tmp/t/bin/
ln -s busybox /tmp/t/bin/sh
tar -C /tmp/t -c . | berth import - box >/dev/null
echo "descriptors: $(berth run --rm box busybox sh -c 'cd /proc/self/fd; echo *')"
berth run -d --name keeper --restart always box busybox sleep 600 >/dev/null
pid=$(berth inspect -f '{{.State.Pid}}' keeper)
same() { [ "$(berth inspect -f '{{.State.Pid}}' keeper)" = "$pid" ] && echo "$1: same"; }
systemctl restart berth.service
same restart
dpkg -i /package/berth.deb >/dev/null 2>&1
same upgrade
systemctl stop berth.service berth.socket
kill -0 "$pid" && echo 'stopped engine: container runs'
systemctl start berth.socket
same activation
systemctl kill --kill-who=main -s KILL berth-supervisor.service
sleep 0.5
same supervisor
berth run --rm box busybox echo 'new container: works'
echo "supervisors: $(pgrep -fc berth-supervisor.js)"
echo "failed units: $(systemctl --failed --no-legend | wc -l)"
dpkg --purge berth >/dev/null 2>&1
kill -0 "$pid" 2>/dev/null && echo 'container runs after the purge'
left=$(find / -xdev -name '*berth*' -not -path '/proc/*' -not -path '/var/lib/berth*' -not -path '/tmp/*' -not -path '/sys/*' -not -path '/package*' 2>/dev/null | tr '\n' ' ')
echo "left: $left$(pgrep -fa berth | grep -v inside.sh)"
