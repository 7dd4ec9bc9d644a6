# defaults of inspect
docker create --name x-d busybox true >/dev/null; docker inspect -f '{{json .HostConfig}}' x-d; docker inspect -f '{{json .Config}}' x-d; docker inspect -f '{{json .Mounts}} {{.Platform}} {{.Driver}} {{.RestartCount}} {{.AppArmorProfile}} {{.ProcessLabel}} {{json .ExecIDs}} {{.Path}} {{json .Args}}' x-d

# network settings of one that never ran
docker inspect -f '{{json .NetworkSettings}}' x-d; docker rm x-d

# keys of inspect
docker run -d --name x-k busybox sleep 100 >/dev/null; docker inspect x-k | sed 's/^\( *"[A-Za-z0-9]*"\):.*/\1/' | grep '"'; docker rm -f x-k

# many options in inspect
docker create --name x-o -m 64m --memory-swap 128m --memory-reservation 32m --cpus 0.5 -c 512 --cpuset-cpus 0 --pids-limit 50 --cap-add NET_ADMIN --cap-drop mknod --security-opt no-new-privileges --dns 1.2.3.4 --dns-search a.b --dns-option ndots:3 --add-host h:1.2.3.4 --group-add 5 --ipc shareable --shm-size 32m --tmpfs /t:size=1m --ulimit nofile=100:200 --sysctl net.ipv4.ip_forward=0 --read-only --init --oom-score-adj 100 --stop-signal INT --stop-timeout 3 --expose 90 --label a=b --device /dev/null:/dev/x:r --annotation k=v --workdir /w --restart unless-stopped --log-opt max-size=5m busybox echo hi >/dev/null; docker inspect -f '{{json .HostConfig}}' x-o; docker inspect -f '{{json .Config}}' x-o; docker rm x-o

# memory limits in the container
docker run --rm -m 64m busybox sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null'

# cpu limits in the container
docker run --rm --cpus 0.5 busybox sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us; cat /sys/fs/cgroup/cpuset/cpuset.cpus'; docker run --rm --cpuset-cpus 1 -c 300 busybox sh -c 'cat /sys/fs/cgroup/cpuset/cpuset.cpus /sys/fs/cgroup/cpu/cpu.shares'

# pids limit in the container
docker run --rm --pids-limit 20 busybox cat /sys/fs/cgroup/pids/pids.max

# limits that make no sense
docker create -m 1m busybox; docker create --memory-swap 100m busybox; docker create -m 100m --memory-swap 50m busybox; docker create --cpus 100 busybox; docker create --cpuset-cpus 99 busybox; docker create --cpuset-cpus a busybox; docker create --cpu-period 10 busybox; docker create --cpu-quota 10 busybox; docker create --memory-swappiness 101 busybox; docker create -m 10m --memory-reservation 20m busybox; docker create --blkio-weight 5 busybox; docker create --cpus 1 --cpu-quota 5000 busybox

# capabilities
docker rm -f $(docker ps -aq --filter status=created) >/dev/null; for o in '' '--cap-add ALL' '--cap-drop ALL' '--cap-drop ALL --cap-add CHOWN' '--cap-add sys_admin --cap-drop CAP_MKNOD' '--privileged' '-u app' '--privileged -u app' '-u app --cap-add NET_ADMIN'; do docker run --rm $o busybox grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | tr -s '\t\n' ' '; echo; done

# bad capabilities
docker create --cap-add NOPE busybox; docker create --cap-drop NOPE busybox

# no new privileges, seccomp
docker run --rm --security-opt no-new-privileges busybox grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; docker run --rm --security-opt seccomp=unconfined busybox grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; docker run --rm --privileged busybox grep Seccomp: /proc/self/status

# seccomp file
echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}' >sec.json; docker run --rm --security-opt seccomp=sec.json busybox mkdir /x; echo '{' >bad.json;  docker run --rm --security-opt seccomp=bad.json busybox true; docker run --rm --security-opt seccomp=none.json busybox true

# security options that are none
docker create --security-opt nope busybox; docker create --security-opt nope=1 busybox; docker create --security-opt no-new-privileges=maybe busybox

# what seccomp keeps away
docker run --rm busybox sh -c 'unshare -m true; mount -t tmpfs x /tmp' ; docker run --rm --cap-add SYS_ADMIN busybox sh -c 'mount -t tmpfs x /tmp && echo ok'

# masked and read-only places
docker run --rm busybox sh -c 'cat /proc/kcore | wc -c; ls /proc/acpi /sys/firmware | wc -l; echo x >/proc/sysrq-trigger; echo 1 >/proc/sys/kernel/panic; touch /sys/x'

# mounts of a container
docker run --rm busybox sh -c "awk '{print \$2, \$3}' /proc/mounts | grep -v cgroup | sort"

# mount options
docker run --rm busybox sh -c "grep -E ' (/proc|/dev|/dev/pts|/dev/shm|/dev/mqueue|/sys) ' /proc/mounts | awk '{print \$2, \$4}' | sed 's/,inode64//;s/size=65536k//' | sort"

# devices
docker run --rm busybox sh -c 'ls /dev | sort; stat -c "%n %a %u:%g" /dev/null /dev/pts /dev/shm /dev/fd /dev/ptmx'

# a device from the host
docker run --rm --device /dev/null:/dev/mine:rw busybox sh -c 'stat -c "%n %t:%T" /dev/mine; echo x >/dev/mine && echo written'; docker run --rm --device /dev/nope busybox true; docker create --device a:b:c busybox; docker run --rm --device /dev/null:/dev/x:q busybox true

# device rules
docker run --rm --device-cgroup-rule 'c 1:3 rwm' busybox true; docker create --device-cgroup-rule 'nope' busybox

# descriptors
docker run --rm busybox sh -c 'ls /proc/self/fd | head -3 | tr "\n" " "; ls -l /proc/self/fd | wc -l'

# ulimits
docker run --rm --ulimit nofile=100:200 --ulimit nproc=50 busybox sh -c 'ulimit -n; ulimit -Hn; ulimit -p'; docker create --ulimit nope=1 busybox; docker create --ulimit nofile=200:100 busybox

# shm, tmpfs
docker run --rm --shm-size 8m --tmpfs /t:size=1m,mode=700,uid=7 busybox sh -c "df -k /dev/shm /t | awk '{print \$2, \$6}'; stat -c '%a %u' /t"; docker run --rm --tmpfs /t:nope busybox true; docker run --rm --tmpfs rel busybox true; docker create --shm-size -1 busybox

# sysctls
docker run --rm --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=9000 busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax; docker run --rm --sysctl kernel.panic=1 busybox true; docker run --rm --sysctl net.nope=1 busybox true; docker create --sysctl nope busybox; docker run --rm --net host --sysctl net.ipv4.ip_forward=1 busybox true; docker run --rm --ipc host --sysctl kernel.msgmax=1 busybox true

# read-only root
docker run --rm --read-only --tmpfs /tmp busybox sh -c 'touch /x; touch /tmp/y && echo ok; touch /dev/shm/z && echo ok'

# init
docker run --rm --init busybox sh -c 'cat /proc/1/comm; ls /sbin/docker-init'

# pid, ipc, uts modes
docker run -d --name x-ns --ipc shareable busybox sleep 100 >/dev/null; docker run --rm --pid container:x-ns busybox ps -o comm | head -2; docker run --rm --ipc container:x-ns busybox true; docker run --rm --uts host busybox hostname | wc -l; docker run --rm --net container:x-ns busybox hostname | wc -c; docker rm -f x-ns

# modes that make no sense
docker create --pid nope busybox; docker create --ipc nope busybox; docker create --uts nope busybox; docker create --userns nope busybox; docker create --cgroupns nope busybox; docker create --net container:x-none busybox; docker run --rm --pid container:x-none busybox; docker create --net host -p 80:80 --name x-hp busybox >/dev/null; docker rm x-hp; docker create --uts host -h a busybox; docker create --net container:x-none -h a busybox; docker create --isolation nope busybox; docker create --runtime nope busybox; docker create --platform nope busybox

# join the namespaces of one that does not run
docker create --name x-off busybox >/dev/null; docker run --rm --net container:x-off busybox true; docker run --rm --pid container:x-off busybox true; docker run --rm --ipc container:x-off busybox true; docker rm x-off

# oom score, group add
docker run --rm --oom-score-adj 500 busybox cat /proc/self/oom_score_adj; docker run --rm --group-add 55 --group-add app busybox id; docker run --rm --group-add nope busybox id; docker create --oom-score-adj 2000 busybox

# entry points
docker run --rm --entrypoint echo busybox a b; docker run --rm --entrypoint '' busybox echo c

# gpus
docker run --rm --gpus all busybox true; docker create --gpus nope=1 busybox; docker run --rm --device nvidia.com/gpu=all busybox true

# storage options
docker run --rm --storage-opt size=1G busybox true; docker run --rm --storage-opt nope=1 busybox true

# log drivers
docker create --log-driver nope busybox; docker create --log-opt nope=1 busybox; docker create --log-opt max-size=x busybox; docker create --log-driver json-file --log-opt max-file=0 busybox; docker create --log-driver none --log-opt a=b --name x-ln busybox | wc -c; docker rm x-ln

# health checks in inspect
docker create --name x-h --health-cmd 'exit 0' --health-interval 5s --health-retries 2 --health-timeout 3s --health-start-period 1s --health-start-interval 2s busybox >/dev/null; docker inspect -f '{{json .Config.Healthcheck}} {{json .State.Health}}' x-h; docker rm x-h; docker create --health-cmd a --health-interval 1us busybox; docker create --no-healthcheck --name x-h busybox >/dev/null; docker inspect -f '{{json .Config.Healthcheck}}' x-h; docker rm x-h

# health
docker run -d --name x-h --health-cmd 'echo fine' --health-interval 1s busybox sleep 100 >/dev/null; docker inspect -f '{{.State.Health.Status}}' x-h; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' x-h | grep -q ^healthy"; docker inspect -f '{{.State.Health.Status}} {{.State.Health.FailingStreak}} {{(index .State.Health.Log 0).ExitCode}} {{json (index .State.Health.Log 0).Output}}' x-h; docker ps --filter name=x-h --format '{{.Status}}' | sed 's/Up [^(]*/Up /'; docker rm -f x-h

# links
docker run -d --name x-l1 busybox sleep 100 >/dev/null; docker run --rm --name x-l2 --link x-l1:db busybox sh -c 'grep -cw db /etc/hosts; env | grep DB_NAME'; docker run --rm --link x-none busybox true; docker run --rm --link x-l1:a:b busybox true; docker rm -f x-l1

# create: raw bad bodies
api POST /containers/create '{}'; api POST /containers/create 'nope'; api POST /containers/create '{"Image":5}'; api POST /containers/create '{"Image":"busybox","HostConfig":{"Memory":"x"}}'; api POST /containers/create '{"Image":"busybox","Cmd":7}'; api POST /containers/create '{"Image":"nope"}'; api POST /containers/create '{"Image":"UPPER"}'; api POST /containers/create ''; api POST /containers/create '{"Image":"busybox"} trailing'; api POST /containers/create 'null'

# create: no content type
curl -s -X POST --unix-socket $SOCKET -H 'Content-Type: text/plain' -d '{"Image":"busybox"}' http://d/containers/create

# create: warnings
api POST '/containers/create?name=x-w' '{"Image":"busybox","HostConfig":{"KernelMemory":5000000}}'; docker rm x-w >/dev/null; docker create --name x-w -m 64m --memory-swappiness 50 --oom-kill-disable busybox | wc -c; docker rm x-w; docker create --name x-w --oom-kill-disable busybox; docker rm x-w >/dev/null

# binds that make no sense
docker create -v a busybox; docker create -v a:b busybox; docker create -v /a:/b:nope busybox; docker create -v /a:/b:ro:x busybox; docker create -v /: busybox; docker create -v x:/ busybox; docker create -v :/a busybox; docker create -v '/a:/b,c:d:e:f' busybox; docker create -v /a:/b -v /c:/b busybox; docker create -v a/b:/c busybox

# mounts that make no sense
docker create --mount type=nope,target=/a busybox; docker create --mount type=bind,target=/a busybox; docker create --mount type=bind,source=/nope-x,target=/a busybox; docker create --mount type=volume,target=a busybox; docker create --mount type=tmpfs,source=x,target=/a busybox; docker create --mount type=bind,source=rel,target=/a busybox; docker create --mount source=x busybox; docker create --mount type=volume,source=x,target=/ busybox

# mounts in inspect
docker create --name x-m -v /tmp:/a:ro -v x-v:/b -v /c --mount type=tmpfs,target=/d,tmpfs-size=1m --mount type=bind,source=/tmp,target=/e,readonly,bind-propagation=rslave --mount type=volume,source=x-v2,target=/f,volume-nocopy busybox >/dev/null; docker inspect -f '{{range .Mounts}}{{json .}}{{println}}{{end}}' x-m | sort; docker inspect -f '{{len .HostConfig.Binds}} {{json .HostConfig.Mounts}}' x-m; docker rm -v x-m; docker volume rm x-v x-v2

# volumes from
docker create --name x-vf -v x-v:/b -v /tmp:/t:ro busybox >/dev/null; docker create --name x-vg --volumes-from x-vf:ro busybox >/dev/null; docker inspect -f '{{range .Mounts}}{{.Destination}} {{.RW}} {{.Mode}}{{println}}{{end}}' x-vg | sort; docker rm x-vf x-vg; docker create --volumes-from x-none busybox; docker create --volumes-from x-none:nope busybox; docker volume rm x-v

# copy-up
docker run --rm -v x-v:/data busybox cat /data/file; docker run --rm -v x-v2:/data:nocopy busybox ls /data; docker volume rm x-v x-v2

# a bind makes its source
docker run --rm -v $WORK/made/deep:/m busybox touch /m/a; ls $WORK/made/deep

# cidfile, env file, label file
docker run --rm --cidfile cid busybox true; wc -c <cid; docker run --rm --cidfile cid busybox true; printf 'A=1\n# no\nB\nC=x y\n' >env; docker run --rm --env-file env busybox env | grep -E '^[ABC]='; docker run --rm --env-file none busybox true; printf 'l=1\nm\n' >lab; docker create --name x-lab --label-file lab busybox >/dev/null; docker inspect -f '{{json .Config.Labels}}' x-lab; docker rm x-lab

# attach options
docker run --rm -a stdout busybox sh -c 'echo o; echo e >&2'; docker run --rm -a stderr busybox sh -c 'echo o; echo e >&2' 2>&1; docker run -d -a stdout busybox true; docker run -d --rm busybox true | wc -c

# the end
docker rm -f $(docker ps -aq --filter status=created) >/dev/null
