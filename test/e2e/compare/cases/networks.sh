# create, inspect
docker network create --subnet 10.77.0.0/24 --gateway 10.77.0.9 --ip-range 10.77.0.128/25 --aux-address a=10.77.0.200 --label l=1 -o com.docker.network.bridge.name=x-br0 x-n1 | wc -c; docker network inspect x-n1 | sed 's/"Created".*//'

# defaults
docker network create x-n2 >/dev/null; docker network inspect -f '{{.Driver}} {{.Scope}} {{.Internal}} {{.Attachable}} {{.Ingress}} {{.EnableIPv6}} {{json .Options}} {{json .Labels}} {{len .IPAM.Config}} {{.IPAM.Driver}} {{json .ConfigFrom}} {{.ConfigOnly}}' x-n2

# list
docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort; docker network ls -q | head -1 | wc -c; docker network ls --filter name=x-n --format '{{.Name}}' | sort; docker network ls --filter driver=host --format '{{.Name}}'; docker network ls --filter label=l --format '{{.Name}}'; docker network ls --filter type=builtin --format '{{.Name}}' | sort; docker network ls --filter dangling=true --format '{{.Name}}' | sort; docker network ls --filter nope=1; docker network ls --filter type=nope; docker network ls --filter scope=local --format '{{.Name}}' | wc -l

# names that exist, names that are none
docker network create x-n1; docker network create bridge; docker network create host; docker network create ''; docker network create 'a b'; docker network create default; docker network create container:x

# drivers and pools that make no sense
docker network create -d nope x-n3; docker network create --subnet nope x-n3; docker network create --subnet 10.77.0.0/24 x-n3; docker network create --subnet 10.78.0.0/24 --gateway 10.79.0.1 x-n3; docker network create --gateway 10.78.0.1 x-n3; docker network create --ip-range 10.78.0.0/25 x-n3; docker network create --subnet 10.78.0.0/24 --ip-range 10.79.0.0/25 x-n3; docker network create --subnet 10.78.0.1/24 x-n3 | wc -c; docker network rm x-n3; docker network create --subnet 10.78.0.0/24 --subnet 10.79.0.0/24 x-n3; docker network create --subnet 10.78.0.0/24 --aux-address a=10.99.0.1 x-n3; docker network create -o com.docker.network.driver.mtu=x x-n3; docker network create -d host x-n3; docker network create -d null x-n3; docker network create --ipam-driver nope x-n3

# remove, none, predefined, in use
docker network rm x-none; docker network rm bridge; docker network rm host none; docker run -d --name x-c1 --net x-n2 busybox sleep 1000 >/dev/null; docker network rm x-n2 2>&1 | sed 's/id [0-9a-f]*/id I/'; docker network rm -f x-none; api DELETE /networks/x-none

# inspect with a container
docker network inspect -f '{{range .Containers}}{{.Name}} {{len .EndpointID}} {{len .MacAddress}} {{len .IPv6Address}}{{end}}' x-n2; docker network inspect x-none; docker network inspect -v x-n2 | wc -l; api GET /networks/x-none

# connect, disconnect
docker network connect --ip 10.77.0.150 --alias al x-n1 x-c1; docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.IPAMConfig}} {{json $v.Aliases}} {{len $v.DNSNames}}{{println}}{{end}}' x-c1; docker exec x-c1 ip -o -4 addr show eth1 | awk '{print $4}'; docker network disconnect x-n1 x-c1; docker exec x-c1 ip -o link | wc -l

# connect that makes no sense
docker network connect x-none x-c1; docker network connect x-n1 x-none; docker network connect x-n2 x-c1; docker network connect --ip 10.99.0.1 x-n1 x-c1; docker network connect --ip nope x-n1 x-c1; docker network connect host x-c1; docker network disconnect x-n1 x-c1; docker network disconnect x-none x-c1; docker network disconnect x-n1 x-none; docker network disconnect -f x-n1 x-none; docker network connect --ip 10.77.0.9 x-n1 x-c1; api POST /networks/x-n1/connect '{}'; api POST /networks/x-n1/connect 'nope'

# static addresses at create
docker create --net x-n2 --ip 10.1.2.3 busybox; docker create --net bridge --ip 172.17.0.99 busybox; docker run --rm --net x-n1 --ip 10.77.0.140 busybox ip -o -4 addr show eth0 | awk '{print $4}'; docker run --rm --net x-n1 --ip 10.99.0.1 busybox true; docker create --net host --ip 1.2.3.4 busybox; docker create --net x-none busybox | wc -c; docker run --rm --net x-none busybox true

# names resolve
docker run --rm --net x-n2 busybox nslookup x-c1 2>&1 | grep -c Address; docker run --rm --net x-n2 --name x-self --network-alias me busybox sh -c 'ping -c1 -w2 me >/dev/null && echo alias; ping -c1 -w2 x-self >/dev/null && echo name; ping -c1 -w2 x-c1 >/dev/null && echo other'; docker run --rm --net x-n2 busybox cat /etc/resolv.conf | head -20 | grep -v '^#'; docker run --rm busybox nslookup x-c1 >/dev/null 2>&1; echo $?

# hosts and resolv.conf options
docker run --rm --add-host a:1.2.3.4 --add-host gw:host-gateway busybox cat /etc/hosts | sed 's/172.17[0-9.]*\t[0-9a-f]*$/IP ID/'; docker run --rm --dns 9.9.9.9 --dns-search q.r --dns-option ndots:4 busybox cat /etc/resolv.conf; docker run --rm --net x-n2 --dns 9.9.9.9 --dns-search q.r busybox grep -v '^#' /etc/resolv.conf; docker create --add-host nope busybox; docker create --dns nope busybox

# none and host
docker run --rm --net none busybox ip -o link | wc -l; docker run --rm --net none busybox cat /etc/resolv.conf | wc -l; docker run --rm --net host busybox hostname | wc -l; docker run --rm --net none -p 80:80 busybox true

# mac address
docker run --rm --mac-address 02:42:ac:11:00:77 busybox cat /sys/class/net/eth0/address; docker create --mac-address nope busybox; docker run --rm --net name=x-n2,mac-address=02:42:ac:11:00:78,alias=q busybox cat /sys/class/net/eth0/address

# several networks
docker create --name x-c2 --net x-n2 --net x-n1 busybox sleep 100 >/dev/null; docker start x-c2; docker exec x-c2 ip -o -4 addr | wc -l; docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}' x-c2; docker rm -f x-c2

# internal
docker network create --internal x-int >/dev/null; docker run --rm --net x-int busybox ip route | grep -c default; docker network inspect -f '{{.Internal}}' x-int; docker network rm x-int

# IPv6
docker network create --ipv6 --subnet fd77::/64 x-v6 >/dev/null; docker network inspect -f '{{.EnableIPv6}} {{range .IPAM.Config}}{{.Subnet}} {{end}}' x-v6 | sed 's/172[0-9./]*/V4/'; docker run --rm --net x-v6 busybox ip -o -6 addr show eth0 | awk '{print $4}' | grep fd77; docker network rm x-v6; docker network create --ipv6 x-v6 >/dev/null; docker network inspect -f '{{len .IPAM.Config}}' x-v6; docker network rm x-v6; docker network create --ipv4=false --ipv6 x-v6o >/dev/null; docker network inspect -f '{{.EnableIPv4}} {{len .IPAM.Config}}' x-v6o; docker network rm x-v6o

# ports in conflict
docker run -d --name x-p1 -p 127.0.0.1:18090:80 busybox sleep 100 >/dev/null; docker run -d --name x-p2 -p 127.0.0.1:18090:80 busybox sleep 100 2>&1 | sed 's/([0-9a-f]*)/(ID)/g;s/^[0-9a-f]\{64\}$/ID/'; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' x-p2; docker rm -f x-p1 x-p2

# ports: ranges, all
docker run -d --name x-p1 -p 18100-18102:80-82 --expose 90 -P busybox sleep 100 >/dev/null; docker port x-p1 | sort | sed 's/:32[0-9]*$/:EPH/'; docker ps --filter name=x-p1 --format '{{.Ports}}' | sed 's/:32[0-9]*->/:EPH->/g'; docker rm -f x-p1

# events
mark; docker network create x-e >/dev/null; docker run --rm --net x-e --name x-ec busybox true; docker network rm x-e >/dev/null; sleep 0.3; since --filter type=network | sed 's/ {.*"name"/ {"name"/'

# gateway modes, options of the bridge
docker network create -o com.docker.network.bridge.gateway_mode_ipv4=nope x-g; docker network create -o com.docker.network.bridge.gateway_mode_ipv4=isolated x-g; docker network create --internal -o com.docker.network.bridge.gateway_mode_ipv4=isolated x-g >/dev/null; docker network inspect -f '{{json .Options}}' x-g; docker run --rm --net x-g busybox ip route | wc -l; docker network rm x-g; docker network create -o com.docker.network.bridge.enable_icc=maybe x-g; docker network create -o com.docker.network.bridge.name=a/b x-g; docker network create -o com.docker.network.bridge.name=way-too-long-name x-g; docker network create -o com.docker.network.bridge.name=x-br0 x-g | wc -c; docker network create -o nonsense=1 x-g >/dev/null; docker network inspect -f '{{json .Options}}' x-g; docker network rm x-g; docker network create -o com.docker.network.driver.mtu=1234 x-g >/dev/null; docker run --rm --net x-g busybox cat /sys/class/net/eth0/mtu; docker network rm x-g

# macvlan and ipvlan that make no sense
docker network create -d macvlan -o macvlan_mode=nope -o parent=lo x-mv; docker network create -d macvlan -o parent=x-none9 x-mv; docker network create -d ipvlan -o ipvlan_mode=nope -o parent=lo x-mv; docker network create -d ipvlan -o ipvlan_flag=nope -o parent=lo x-mv; docker network create -d macvlan -o nope=1 -o parent=lo x-mv | wc -c; docker network rm x-mv; api POST /networks/create '{"Name":"x-mv","Driver":"overlay"}'

# macvlan and ipvlan: parents that cannot be made
for d in macvlan ipvlan; do for p in nolink.50 lo.0 lo.4095 a.b.5 .5 lo. lo nolink; do docker network create -d $d -o parent=$p x-mv; done; done

# two gateways: one for both families goes before priority
A='--subnet 10.64.0.0/24'; A6='--ipv6 --subnet fd64::/64'; B='--subnet 10.65.0.0/24'; B6='--ipv6 --subnet fd65::/64'; two() { docker network create $1 x-g1 >/dev/null; docker network create $3 x-g2 >/dev/null; docker run --rm --net name=x-g1,gw-priority=$2 --net name=x-g2,gw-priority=$4 busybox sh -c '{ ip route; ip -6 route; } | grep default | cut -d" " -f3'; docker network rm x-g1 x-g2 >/dev/null; }; two "$A $A6" 0 "$B" 5; two "$A" 0 "$B $B6" 0; two "$A $A6" 0 "$B $B6" 5; two "--ipv4=false $A6" 5 "$B" 0; two "$A" 0 "$B" 5

# a configuration for others
docker network create --config-only --subnet 10.76.0.0/24 -o com.docker.network.driver.mtu=1300 x-cfg >/dev/null; docker network inspect -f '{{.ConfigOnly}} {{.Driver}} {{json .IPAM.Config}} {{json .Options}}' x-cfg; docker network create --config-from x-cfg x-from >/dev/null; docker network inspect -f '{{json .ConfigFrom}} {{.Driver}} {{json .IPAM.Config}} {{json .Options}}' x-from; docker network create --config-from x-none x-f2; docker network create --config-from x-cfg --subnet 10.75.0.0/24 x-f2; docker network create --config-from x-n1 x-f2; docker run --rm --net x-cfg busybox true; docker network rm x-cfg; docker network rm x-from x-cfg

# bodies that no client sends
api POST /networks/create '{"Name":5}'; api POST /networks/create '{"Name":"x-j","IPAM":{"Config":"x"}}'; api POST /networks/create '{"Name":"x-j","Labels":["a"]}'; api POST /networks/create ''; api POST /networks/create '{}'; api POST /networks/x-n1/connect '{"Container":5}'; api POST /networks/x-n1/disconnect '{"Container":"x-none","Force":true}'; api POST /networks/x-n1/disconnect '{}'; api GET '/networks?filters=nope'; api POST /networks/create '{"Name":"x-j","Scope":"swarm"}'

# endpoints: sysctls, names of links, link-local, priorities
docker run --rm --net name=x-n2,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1 busybox cat /proc/sys/net/ipv4/conf/eth0/log_martians; docker create --net name=x-n2,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.eth0.log_martians=1 busybox; docker run --rm --net name=x-n2,driver-opt=com.docker.network.endpoint.ifname=lan7 busybox ip -o link show lan7 | wc -l; docker run --rm --net name=x-n2,link-local-ip=169.254.7.7 busybox ip -o -4 addr show eth0 | wc -l; docker create --name x-gp --net name=x-n2,gw-priority=0 --net name=x-n1,gw-priority=5 busybox sleep 100 >/dev/null; docker start x-gp; docker exec x-gp ip route | grep -c 'default via 10.77.0.9'; docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.GwPriority}} {{end}}' x-gp; docker network disconnect x-n1 x-gp; docker exec x-gp ip route | grep -c '^default via 172'; docker rm -f x-gp; docker create --net name=x-n2,link-local-ip=nope busybox

# names: search, aliases after connect, ids
docker run -d --name x-a1 --net x-n2 --network-alias both busybox sleep 100 >/dev/null; docker run -d --name x-a2 --net x-n2 --network-alias both busybox sleep 100 >/dev/null; docker exec x-a1 nslookup both. 2>/dev/null | grep -c '^Address.*172'; docker exec x-a1 nslookup x-a2.x-n2. 2>/dev/null | grep -c '^Address.*172'; docker network connect --alias late x-n1 x-a2; docker exec x-a1 nslookup late. 2>&1 | grep -c "can't find\|NXDOMAIN\|SERVFAIL"; docker network connect x-n1 x-a1; docker exec x-a1 nslookup late. 2>/dev/null | grep -c '^Address.*10.77'; docker inspect -f '{{json (index .NetworkSettings.Networks "x-n1").Aliases}}' x-a2; docker rm -f x-a1 x-a2

# links
docker run -d --name x-l1 --expose 80 -e A=1 busybox sleep 100 >/dev/null; docker run --rm --name x-l3 --link x-l1:db busybox sh -c 'grep -c "db x-l1\|db.*x-l1" /etc/hosts; env | grep ^DB_ | sed "s/172[0-9.]*/IP/" | sort'; docker run --rm --link x-none busybox true; docker run -d --name x-l2 --link x-l1:db busybox sleep 100 >/dev/null; docker restart -t 0 x-l1 >/dev/null; [ "$(docker exec x-l2 awk '$2=="db"{print $1}' /etc/hosts)" = "$(docker inspect -f '{{.NetworkSettings.IPAddress}}' x-l1)" ] && echo follows; docker inspect -f '{{json .HostConfig.Links}}' x-l2; docker ps -a --filter name=x-l1 --format '{{.Names}}'; docker rm --link /x-l2/db; docker stop -t 0 x-l1 >/dev/null; docker run --rm --name x-l3 --link x-l1 busybox true; docker rm -f x-l1 x-l2

# update of ports, published ports of a stopped container
docker run -d --name x-u -p 127.0.0.1:18190:80 busybox sleep 100 >/dev/null; docker port x-u; docker port x-u 80; docker port x-u 81; docker port x-u 80/udp; docker stop -t 0 x-u >/dev/null; docker port x-u; docker inspect -f '{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}' x-u; docker start x-u; docker inspect -f '{{json .NetworkSettings.Ports}}' x-u; docker rm -f x-u

# addresses that run out, two static ones
docker network create --subnet 10.74.0.0/30 x-s >/dev/null; docker run -d --name x-s1 --net x-s busybox sleep 100 >/dev/null; docker run --rm --net x-s busybox true 2>&1 | sed 's/(.*)/(ID)/'; docker rm -f x-s1; docker run -d --name x-s1 --net x-s --ip 10.74.0.2 busybox sleep 100 >/dev/null; docker run --rm --net x-s --ip 10.74.0.2 busybox true; docker rm -f x-s1; docker network rm x-s

# isolated and inhibited: no address of the host
for o in "--internal -o com.docker.network.bridge.gateway_mode_ipv4=isolated" "--internal -o com.docker.network.bridge.gateway_mode_ipv4=isolated --gateway 10.73.0.7" "-o com.docker.network.bridge.inhibit_ipv4=true --gateway 10.73.0.7" "--internal --ipv6 --subnet fd73::/64 -o com.docker.network.bridge.gateway_mode_ipv6=isolated"; do docker network create --subnet 10.73.0.0/24 $o x-iso >/dev/null; docker network inspect -f '{{range .IPAM.Config}}{{json .}}{{println}}{{end}}' x-iso | sort; docker run --rm --net x-iso busybox sh -c 'ip -o addr show eth0 | grep -v fe80 | cut -d" " -f7; ip route'; docker network rm x-iso; done

# prune
docker network create x-pr >/dev/null; docker network prune -f | sort; docker network prune -f --filter nope=1

# ports in odd words
docker run --rm -p 80:80:80:80 busybox true; docker run --rm -p 8080-8082:80-81 busybox true; docker run --rm -p 99999:80 busybox true; docker run --rm -p 8080:80/foo busybox true; docker run --rm -p 300.1.1.1:8080:80 busybox true; docker run --rm --name x-op -p 10.99.99.99:8080:80 busybox true 2>&1 | sed 's/([0-9a-f]*)/(ID)/'; docker run -d --name x-op -p 18801:80/udp -p 127.0.0.1:18802-18803:81-82 -p '[::1]:18804:83' busybox sleep 100 >/dev/null; docker port x-op; docker ps --filter name=x-op --format '{{.Ports}}'; docker inspect -f '{{json .NetworkSettings.Ports}}' x-op; docker rm -f x-op

# the network of another container
docker run --rm --net container:x-none busybox true; docker create --name x-nn busybox >/dev/null; docker run --rm --net container:x-nn busybox true; docker rm x-nn >/dev/null; docker run -d --name x-nn busybox sleep 100 >/dev/null; for o in '-p 80:80' '--hostname x' '--dns 1.1.1.1' '--add-host a:1.1.1.1' '--link x-nn' '--mac-address 02:42:ac:11:00:02'; do docker run --rm --net container:x-nn $o busybox true; done; docker run --rm --net container:x-nn busybox hostname | wc -c; docker rm -f x-nn; docker run --rm --net host --add-host a:1.1.1.1 --hostname hh busybox sh -c 'hostname; grep 1.1.1.1 /etc/hosts'; docker run --rm --net none --dns 1.1.1.1 busybox cat /etc/resolv.conf; docker run --rm --ip 1.2.3.4 busybox true; docker run --rm --net bridge --network-alias x busybox true; docker run --rm --ip6 fd00::3 busybox true

# the end
docker rm -f x-c1 >/dev/null; docker network rm x-n1 x-n2 2>&1 | wc -l
