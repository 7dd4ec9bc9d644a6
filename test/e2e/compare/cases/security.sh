# options of security by the API
for b in disable systempaths=unconfined no-new-privileges=1 no-new-privileges=T no-new-privileges:true nope nope:x label=disable label:user:x label seccomp= 'seccomp={' 'seccomp={}' seccomp=builtin seccomp=nope apparmor= apparmor=nope apparmor:unconfined writable-cgroups=0 '' = no-new-privileges no-new-privileges= credentialspec=x 'seccomp={"names":1}' 'seccomp={"defaultAction":"SCMP_ACT_ALLOW","nope":1}'; do echo "$b"; api POST '/containers/create?name=s-x' "$(jq -nc --arg b "$b" '{Image:"busybox",Cmd:["true"],HostConfig:{SecurityOpt:[$b]}}')"; docker start s-x; docker inspect -f '{{json .HostConfig.SecurityOpt}} {{.ProcessLabel}} {{.AppArmorProfile}} {{.State.ExitCode}}' s-x;  docker rm -f s-x >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# options of security
for o in apparmor=nope apparmor=unconfined apparmor:unconfined label=disable label=level:s0 label=x systempaths=unconfined systempaths=nope no-new-privileges no-new-privileges=false no-new-privileges:true no-new-privileges=1 seccomp=builtin seccomp= seccomp nope= ''; do echo "$o"; docker run --name s-x --security-opt "$o" busybox grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; docker inspect -f '{{json .HostConfig.SecurityOpt}} {{.AppArmorProfile}} {{len .HostConfig.MaskedPaths}} {{len .HostConfig.ReadonlyPaths}}' s-x; docker rm s-x >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# profiles of seccomp
p() { echo "$1" >prof.json; docker run --rm --security-opt seccomp=prof.json busybox sh -c 'grep Seccomp: /proc/self/status; mkdir /x && echo made; chmod 700 /tmp && echo changed'; }; p '{}'; p '{"defaultAction":"SCMP_ACT_ALLOW"}'; p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}'; p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"mkdir","action":"SCMP_ACT_ERRNO"}]}'; p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["nosuchcall"],"action":"SCMP_ACT_ERRNO"}]}';  p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","includes":{"caps":["CAP_SYS_ADMIN"]}},{"names":["chmod"],"action":"SCMP_ACT_ERRNO","excludes":{"caps":["CAP_SYS_ADMIN"]}}]}'; p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","includes":{"minKernel":"99.0"}},{"names":["chmod"],"action":"SCMP_ACT_ERRNO","includes":{"arches":["amd64"]}}]}'

# profiles of seccomp that make no sense
p() { echo "$1" >prof.json; docker run --rm --security-opt seccomp=prof.json busybox true; echo $?; }; p '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"a","names":["b"],"action":"SCMP_ACT_ERRNO"}]}'; p '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":[]}]}'; p '['; p ''; p '{"defaultAction"}'; p 'x'; p '{"defaultAction":"SCMP_ACT_ALLOW",}'; docker run --rm --security-opt seccomp=/tmp busybox true; docker run --rm --security-opt seccomp=none-there busybox true

# a privileged one
docker run --rm --privileged --security-opt no-new-privileges busybox grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; docker run --rm --privileged busybox sh -c 'ls /dev | grep -c loop; mount -t tmpfs x /mnt 2>&1 || mkdir /mnt && mount -t tmpfs x /mnt && echo mounted; awk "\$2 == \"/sys\" {print \$4}" /proc/mounts; ls /proc/acpi /sys/firmware >/dev/null 2>&1; test -w /proc/sys && echo writable'; docker create --name s-p --privileged --security-opt apparmor=x busybox >/dev/null; docker inspect -f '{{.HostConfig.Privileged}} {{json .HostConfig.SecurityOpt}} {{json .HostConfig.MaskedPaths}} {{json .HostConfig.ReadonlyPaths}}' s-p; docker rm s-p; docker run --rm --privileged --cap-drop ALL busybox grep CapEff /proc/self/status; docker run --rm --privileged --read-only busybox touch /x

# a privileged one with a profile of seccomp
echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}' >prof.json; for s in prof.json unconfined; do docker run --rm --privileged --security-opt seccomp=$s busybox sh -c 'grep Seccomp: /proc/self/status; mkdir /x && echo made'; done

# what SELinux would be told
for o in --privileged '--ipc host' '--pid host' '--ipc host --security-opt label=x' '--pid host --security-opt apparmor=x' '--privileged --security-opt label:x' ''; do docker create --name s-l $o busybox >/dev/null; docker inspect -f '{{json .HostConfig.SecurityOpt}} {{.ProcessLabel}} {{.MountLabel}}' s-l; docker rm s-l >/dev/null; done

# capabilities
for o in '--cap-add all' '--cap-drop all' '--cap-add CAP_ALL' '--cap-drop all --cap-add all' '--cap-add all --cap-drop net_raw' '--cap-drop CHOWN --cap-add CHOWN' '--cap-add chown --cap-add CAP_CHOWN' '--cap-drop ALL --cap-add net_bind_service -u app' '--cap-add BPF --cap-add PERFMON --cap-add CHECKPOINT_RESTORE'; do echo "$o"; docker run --rm $o busybox grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status | tr -s '\t\n' ' '; echo; docker create --name s-c $o busybox >/dev/null; docker inspect -f '{{json .HostConfig.CapAdd}} {{json .HostConfig.CapDrop}}' s-c; docker rm s-c >/dev/null; done

# capabilities that are none
for o in '' ' ' CAP_ NOPE cap_sys_admin,CAP_CHOWN 'SYS ADMIN' 5; do docker create --name s-c --cap-add "$o" busybox; docker rm s-c >/dev/null 2>&1; docker create --name s-c --cap-drop "$o" busybox;  docker rm s-c >/dev/null 2>&1; done

# capabilities by the API
for b in '"CapAdd":["net_admin","ALL"]' '"CapAdd":["NET_ADMIN","NET_ADMIN"]' '"CapDrop":[""]' '"CapAdd":"x"' '"CapAdd":[],"CapDrop":[]' '"Capabilities":["CHOWN"]'; do api POST '/containers/create?name=s-c' '{"Image":"busybox","Cmd":["true"],"HostConfig":{'"$b"'}}'; docker inspect -f '{{json .HostConfig.CapAdd}} {{json .HostConfig.CapDrop}}' s-c; docker rm s-c >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# masked and read-only places by the API
for b in '"MaskedPaths":[]' '"ReadonlyPaths":[]' '"MaskedPaths":["/data"],"ReadonlyPaths":["/tmp"]' '"MaskedPaths":["/none"],"ReadonlyPaths":["/none"]' '"MaskedPaths":null' '"MaskedPaths":["rel"]' '"MaskedPaths":["/data/file"],"Privileged":true'; do echo "$b"; api POST '/containers/create?name=s-m' '{"Image":"busybox","Cmd":["sh","-c","exec 2>&1; ls /data; cat /data/file; touch /tmp/x && echo touched; test -w /proc/sys && echo open; ls /proc/acpi | wc -l 2>&1"],"HostConfig":{'"$b"'}}'; docker inspect -f '{{len .HostConfig.MaskedPaths}} {{len .HostConfig.ReadonlyPaths}}' s-m; docker start -a s-m; docker rm s-m >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# users
for u in app root 0 7 app:app app:7 7:app 0:0 55:66 :app :66 '' app: 2147483647 2147483648 -1 01 ' app' 'app ' nope 7:nope a:b:c; do echo "[$u]"; docker run --rm -u "$u" busybox sh -c 'id; echo $HOME; pwd'; done

# a user of the API
api POST '/containers/create?name=s-u' '{"Image":"busybox","User":"nope","Cmd":["true"]}'; docker start s-u; docker inspect -f '{{.State.ExitCode}} {{.State.Status}} {{.Config.User}}' s-u; docker rm s-u

# more groups
for o in '--group-add 5' '--group-add app' '--group-add root --group-add 7' '--group-add nope' '--group-add -1' '--group-add 4294967295' '--group-add app -u app' '--group-add 5 --group-add 5' '--group-add 5 -u 9:9' '--group-add 2147483648'; do echo "$o"; docker run --rm $o busybox id; done

# users of files that lie
docker run --name s-f busybox sh -c 'echo "x:x:12:13:::" >>/etc/passwd; echo "x:x:14:x,app" >>/etc/group; echo "noend:x:20:20" >>/etc/passwd; echo "12:x:99:99::/n:" >>/etc/passwd; echo "h:x:30:30::/h h:" >>/etc/passwd'; docker commit s-f s-img >/dev/null; docker rm s-f >/dev/null; for u in x noend 12 h x:app app; do echo "$u"; docker run --rm -u $u s-img sh -c 'id; echo "$HOME"'; done; docker rmi s-img >/dev/null

# no files of users at all
docker run --name s-f busybox rm /etc/passwd /etc/group; docker commit s-f s-img >/dev/null; docker rm s-f >/dev/null; for u in 5 5:6 root app 0; do docker run --rm -u $u s-img sh -c 'id; echo $HOME'; done; docker run --rm --group-add 9 s-img id; docker run --rm --group-add app s-img id; docker rmi s-img >/dev/null

# read-only
docker run --rm --read-only -v s-v:/v -v /tmp:/h:ro busybox sh -c 'touch /x; touch /v/x && echo v; touch /h/x; touch /etc/hosts; touch /dev/x && echo dev; touch /run/x; touch /proc/x'; docker volume rm s-v

# descriptors and what leaks
docker run --rm busybox sh -c 'cat /proc/1/environ | tr "\0" "\n" | sort; ls /proc/1/root/ | wc -l; readlink /proc/self/exe; ls /run /.dockerenv'

# namespaces for users
for o in host '' private nope container:x; do echo "[$o]"; docker run --rm --userns "$o" busybox cat /proc/self/uid_map | tr -s ' '; docker create --name s-n --userns "$o" busybox >/dev/null; docker inspect -f '{{.HostConfig.UsernsMode}}' s-n; docker rm s-n >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# sysctls
for o in net.ipv4.ip_forward=1 net.ipv4.ip_unprivileged_port_start=1024 net.ipv4.ping_group_range='0 0' kernel.msgmax=9000 kernel.shmmax=1000000 kernel.sem='250 32000 32 128' fs.mqueue.msg_max=20 kernel.hostname=x kernel.domainname=x kernel.panic=1 vm.swappiness=1 net.nope=1 nope nope= =1 '' net/ipv4/ip_forward=1 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.nope.rp_filter=0 net.ipv4.ip_forward=x net.core.somaxconn=100; do echo "[$o]"; docker run --name s-s --sysctl "$o" busybox sh -c 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax /proc/sys/fs/mqueue/msg_max /proc/sys/net/core/somaxconn | tr "\n" " "' 2>&1 | sed 's/runc create failed:.*/runc create failed/'; echo; docker inspect -f '{{json .HostConfig.Sysctls}} {{.State.ExitCode}}' s-s; docker rm s-s >/dev/null; done 2>&1 | grep -v 'No such\|^$'

# sysctls of an interface by the API
for v in v1.47 v1.51; do for k in net.ipv4.conf.eth0.rp_filter net.ipv4.conf.eth1.rp_filter net.ipv4.conf.ethx.rp_filter net.ipv6.neigh.eth0.x net.eth0 a.b.c.eth0.d; do echo "$v $k"; api POST /$v/containers/create?name=s-i '{"Image":"busybox","HostConfig":{"Sysctls":{"'$k'":"0"}}}'; docker inspect -f '{{json .HostConfig.Sysctls}} {{range .NetworkSettings.Networks}}{{json .DriverOpts}}{{end}}' s-i; docker rm s-i >/dev/null; done; done 2>&1 | grep -v 'No such\|^$'; api POST /v1.47/containers/create?name=s-i '{"Image":"busybox","HostConfig":{"NetworkMode":"host","Sysctls":{"net.ipv4.conf.eth0.rp_filter":"0"}}}'; docker rm s-i

# sysctls of shared namespaces
docker run -d --name s-o --ipc shareable busybox sleep 100 >/dev/null; for o in '--net host --sysctl net.ipv4.ip_forward=1' '--net container:s-o --sysctl net.ipv4.ip_forward=1' '--ipc host --sysctl kernel.msgmax=9000' '--ipc container:s-o --sysctl kernel.msgmax=9000' '--uts host --sysctl kernel.domainname=x' '--net none --sysctl net.ipv4.ip_forward=1' '--net host --sysctl kernel.msgmax=9000' '--privileged --sysctl kernel.panic=0' '--ipc none --sysctl kernel.msgmax=9000'; do echo "$o"; docker run --rm $o busybox true 2>&1 | grep -v '^$\|Run '; docker create $o busybox 2>&1; done; docker rm -f s-o $(docker ps -aq --filter status=created) | wc -l
