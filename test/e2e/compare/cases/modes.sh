# processes of others
docker run -d --name m-a --hostname ha --ipc shareable busybox sleep 1000 >/dev/null; docker create --name m-c busybox >/dev/null; for o in host '' private container:m-a container:m-c container:m-none container: nope; do echo "[$o]"; docker run --rm --pid "$o" busybox sh -c 'ps -o comm | grep -c sleep; readlink /proc/self | grep -c .' 2>&1 | sed 's/^[1-9][0-9]*$/n/'; docker create --name m-x --pid "$o" busybox; docker inspect -f '{{.HostConfig.PidMode}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run '

# memory of others
docker run -d --name m-p --ipc private busybox sleep 1000 >/dev/null; docker run -d --name m-i --ipc none busybox sleep 1000 >/dev/null; for o in host private shareable none '' container:m-a container:m-p container:m-i container:m-c container:m-none container: nope; do echo "[$o]"; docker run --rm --ipc "$o" busybox sh -c "grep -c ' /dev/shm ' /proc/mounts; grep -c ' /dev/mqueue ' /proc/mounts"; docker create --name m-x --ipc "$o" busybox; docker inspect -f '{{.HostConfig.IpcMode}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run '

# shared memory is shared
docker exec m-a sh -c 'echo x >/dev/shm/x'; docker run --rm --ipc container:m-a busybox cat /dev/shm/x; docker run --rm --ipc container:m-a --shm-size 1m busybox sh -c "df -k /dev/shm | awk 'NR==2{print \$2}'"; docker run --rm --ipc private --tmpfs /dev/shm:size=2m busybox sh -c "df -k /dev/shm | awk 'NR==2{print \$2}'"; docker run --rm -v /tmp:/dev/shm busybox sh -c 'grep -c /dev/shm /proc/mounts'

# names of the host
for o in host '' private container:m-a nope; do echo "[$o]"; docker run --rm --uts "$o" busybox sh -c 'hostname | grep -c .'; docker create --name m-x --uts "$o" busybox; docker inspect -f '{{.HostConfig.UTSMode}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run '; docker create --uts host -h x busybox; docker create --uts host --domainname x --name m-x busybox; docker rm m-x

# host names
for o in a a.b.c '' A_b -a 'a b' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ü; do echo "[$o]"; docker run --rm --name m-h -h "$o" busybox sh -c 'test "$HOSTNAME" = "$(hostname)" && echo same; hostname | grep -c .'; docker create --name m-x -h "$o" busybox >/dev/null; docker inspect -f '{{.Config.Hostname}} {{.Config.Domainname}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run '; docker run --rm -h a --domainname b.c busybox sh -c 'hostname; hostname -f 2>&1; cat /proc/sys/kernel/domainname; grep -w a /etc/hosts | cut -f2'

# networks of others
for o in '-h x' '-p 80:80' '-P' '--expose 80' '--dns 1.1.1.1' '--dns-search a' '--dns-option a' '--add-host a:1.1.1.1' '--mac-address 02:42:ac:11:00:99' '--link m-a:b' '--ip 172.17.0.9' '--network-alias a' '--domainname x' '--sysctl net.ipv4.ip_forward=1' '--network bridge' '--link-local-ip 169.254.1.1' '--ip6 fd00::1'; do echo "$o"; docker create --name m-x --network container:m-a $o busybox; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# the network of another, seen from inside
docker run --rm --network container:m-a busybox hostname; docker run --rm --network container:m-a busybox sh -c 'cat /etc/hostname; echo $HOSTNAME; grep -c ha /etc/hosts'; docker create --name m-x --network container:m-a busybox >/dev/null; docker inspect -f '{{json .Config.Hostname}} {{json .NetworkSettings.Networks}} {{.NetworkSettings.IPAddress}}' m-x; docker inspect -f '{{.HostConfig.NetworkMode}}' m-x | cut -c1-10; docker rm m-x; docker run --rm --network container:m-c busybox true; docker run --rm --network container:m-none busybox true; docker run --rm --network container: busybox true; docker run --rm --name m-self --network container:m-self busybox true

# the host's network
for o in '-h x' '-p 80:80' '-P' '--expose 80' '--dns 1.1.1.1' '--add-host a:1.1.1.1' '--mac-address 02:42:ac:11:00:99' '--link m-a:b' '--ip 172.17.0.9' '--network-alias a' '--domainname x' '--network bridge'; do echo "$o"; docker create --name m-x --network host $o busybox; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# no network, the default one
for o in none default bridge; do docker create --name m-x --network $o -p 80:80 --network-alias a busybox; docker inspect -f '{{.HostConfig.NetworkMode}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.Aliases}}{{end}}' m-x; docker rm m-x >/dev/null; done; docker run --rm --network none busybox sh -c 'ls /sys/class/net; cat /etc/resolv.conf | grep -c nameserver'; docker run --rm --network none --mac-address 02:42:ac:11:00:99 busybox true; docker run --rm --network nope busybox true

# a network that is switched off
api POST '/containers/create?name=m-x' '{"Image":"busybox","NetworkDisabled":true,"Cmd":["ls","/sys/class/net"]}'; docker start -a m-x; docker inspect -f '{{.Config.NetworkDisabled}} {{.HostConfig.NetworkMode}} {{len .NetworkSettings.Networks}}' m-x; docker rm m-x

# addresses
for o in '--mac-address 02:42:ac:11:00:99' '--mac-address x' '--mac-address 02:42' '--ip6 fd00::9' '--ip6 x' '--link-local-ip 169.254.10.10' '--link-local-ip x'; do echo "$o"; docker run --rm --name m-x $o busybox cat /sys/class/net/eth0/address | sed 's/^[0-9a-f:]*$/mac/'; docker create --name m-x $o busybox >/dev/null; docker inspect -f '{{json .Config.MacAddress}} {{range .NetworkSettings.Networks}}{{json .IPAMConfig}} {{json .MacAddress}}{{end}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# addresses in a network of one's own
docker network create --subnet 10.77.0.0/24 m-net >/dev/null; for o in '--ip 10.77.0.9' '--ip 10.78.0.9' '--ip 10.77.0.1' '--link-local-ip 169.254.10.10' '--ip6 fd00::9' '--mac-address 02:42:ac:11:00:99 --ip 10.77.0.8' '--network-alias one --network-alias two'; do echo "$o"; docker run --rm --name m-x --network m-net $o busybox sh -c 'ip addr show eth0 | grep -c "inet "; ip addr show eth0 | grep -oE "10.77.0.[89]|169.254[^/]*|02:42:ac:11:00:99"'; docker create --name m-x --network m-net $o busybox >/dev/null; docker inspect -f '{{range .NetworkSettings.Networks}}{{json .IPAMConfig}} {{json .MacAddress}} {{json .Aliases}}{{end}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# long form of networks
for o in 'name=m-net,alias=a,ip=10.77.0.7,mac-address=02:42:ac:11:00:98,link-local-ip=169.254.9.9,gw-priority=5,driver-opt=a=b' 'name=m-net,nope=1' 'alias=a' 'name=m-net,ip=x' 'name=m-net,gw-priority=x' 'm-net,a=b' ''; do echo "$o"; docker create --name m-x --network "$o" busybox; docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.IPAMConfig}} {{json $v.MacAddress}} {{json $v.Aliases}} {{json $v.DriverOpts}} {{$v.GwPriority}}{{end}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; docker create --name m-x --network m-net --network bridge busybox; docker inspect -f '{{.HostConfig.NetworkMode}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}' m-x; docker rm m-x; docker create --network m-net --network m-net busybox; docker network rm m-net

# names are looked up
docker run --rm --dns 1.2.3.4 --dns-search a.b --dns-option ndots:3 busybox cat /etc/resolv.conf | grep -v '^#\|^$'; docker run --rm --add-host h:1.2.3.4 --add-host i=5.6.7.8 --add-host j:::1 --add-host g:host-gateway busybox grep -wE 'h|i|j' /etc/hosts; for o in '--dns x' '--dns-search .' '--add-host h' '--add-host h:x' '--add-host :1.1.1.1' '--dns-option x' '--add-host h:host-gateway'; do echo "$o"; docker create --name m-x $o busybox; docker inspect -f '{{json .HostConfig.Dns}} {{json .HostConfig.DnsSearch}} {{json .HostConfig.DnsOptions}} {{json .HostConfig.ExtraHosts}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# ports
for o in '-p 80' '-p 127.0.0.1::80' '-p 8080-8081:80-81' '-p [::1]:8080:80' '-p 8080:80/udp' '-p 80/nope' '-p 0:80' '-p x:80' '-p 1.2.3:80:80' '-p 80:80:80:80' '-p published=8080,target=80' '-p target=80,protocol=udp,mode=host' '-p target=x' '--expose 80-82' '--expose 80/udp' '--expose x' '--expose 82-80' '--expose 0' '-P --expose 99'; do echo "$o"; docker create --name m-x $o busybox; docker inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}} {{.HostConfig.PublishAllPorts}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# ports by the API
for b in '"PortBindings":{"80":[{"HostPort":"x"}]}' '"PortBindings":{"80/tcp":[{"HostPort":"99999"}]}' '"PortBindings":{"80/tcp":[{"HostPort":"80-81"}]}' '"PortBindings":{"x":[{}]}' '"PortBindings":{"80/x":[{}]}' '"PortBindings":{"80/tcp":[{"HostIp":"x"}]}' '"PortBindings":{"80/tcp":null}' '"PortBindings":{"80/tcp":[null]}' '"PortBindings":{"":[{}]}' '"PortBindings":{"0":[{}]}'; do echo "$b"; api POST '/containers/create?name=m-x' '{"Image":"busybox","HostConfig":{'"$b"'}}'; docker inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# links
for o in '--link m-a' '--link m-a:db' '--link m-a:db:x' '--link m-c:c' '--link m-none' '--link :x' '--link m-x:y' '--link m-a:db --link m-a:db2' '--link m-a:db --network none'; do echo "$o"; docker create --name m-x $o busybox; docker inspect -f '{{json .HostConfig.Links}}' m-x; docker start -a m-x; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such\|/bin'

# modes by the API
for b in '"PidMode":"nope"' '"IpcMode":"nope"' '"UTSMode":"nope"' '"UTSMode":"container:x"' '"UsernsMode":"nope"' '"CgroupnsMode":"nope"' '"NetworkMode":"nope"' '"Links":[":x"]' '"Links":["a:b:c"]' '"PidMode":"container:"' '"NetworkMode":"container:"' '"PidMode":"container:m-none"' '"IpcMode":"container:m-none"' '"NetworkMode":"container:m-none"' '"PidMode":"container:m-none","SecurityOpt":["label=x"]' '"GroupAdd":[""]' '"ExtraHosts":["x"]' '"PortBindings":{"80/tcp":[{"HostPort":"70-60"}]}' '"PortBindings":{"99999/tcp":[{}]}' '"PortBindings":{"80-82/tcp":[{}]}'; do echo "$b"; api POST '/containers/create?name=m-x' '{"Image":"busybox","HostConfig":{'"$b"'}}'; docker rm m-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such container: m-x'

# the end
docker rm -f m-a m-c m-p m-i
