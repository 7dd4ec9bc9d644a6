# a container that runs
docker run -d --name x-u -m 64m busybox sleep 1000 >/dev/null

# memory, cpus
docker update -m 128m --memory-swap 256m x-u; docker exec x-u cat /sys/fs/cgroup/memory/memory.limit_in_bytes; docker update --cpus 0.5 x-u; docker exec x-u cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us; docker update -c 300 --cpuset-cpus 0 --pids-limit 30 x-u; docker exec x-u cat /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpuset/cpuset.cpus /sys/fs/cgroup/pids/pids.max

# what inspect tells
docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{.HostConfig.PidsLimit}}' x-u

# restart policy
docker update --restart always x-u; docker inspect -f '{{json .HostConfig.RestartPolicy}}' x-u; docker update --restart nope x-u; docker update --restart no x-u

# what makes no sense
docker update x-u; docker update -m 1m x-u; docker update -m 512m x-u; docker update --cpus 100 x-u; docker update --cpuset-cpus 99 x-u; docker update -m 32m x-none; api POST /containers/x-u/update 'nope'; api POST /containers/x-u/update '{"Memory":"a"}'; api POST /containers/x-u/update '{"CpuQuota":5000,"NanoCpus":1000000000}'

# one that runs with --rm gets no policy
docker run -d --rm --name x-ur busybox sleep 100 >/dev/null; docker update --restart always x-ur; docker rm -f x-ur

# one that does not run
docker stop -t 0 x-u; docker update -m 32m --memory-swap 64m x-u; docker inspect -f '{{.HostConfig.Memory}}' x-u; docker start x-u; docker exec x-u cat /sys/fs/cgroup/memory/memory.limit_in_bytes

# several at once, one of them none
docker update -c 400 x-u x-none

# events
mark; docker update -c 500 x-u; since --filter container=x-u

# out of memory
docker run --name x-oom -m 8m --memory-swap 8m busybox sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=30; exit $?' 2>/dev/null; docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' x-oom; docker rm x-oom

# the end
docker rm -f x-u

# options of update that make no sense
docker run -d --name x-un busybox sleep 1000 >/dev/null; for o in '-m 5m' '-m x' '-m 64m --memory-swap 32m' '--memory-reservation 5m' '-m 64m --memory-reservation 100m' '--cpus 3' '--cpus -1' '--cpus 1 --cpu-period 1000' '--cpus 1 --cpu-quota 1000' '--cpu-period 5' '--cpu-quota 5' '-c -1' '-c 1' '-c 300000' '--cpuset-cpus 9' '--cpuset-cpus x' '--cpuset-mems 9' '--cpuset-mems x' '--blkio-weight 5' '--blkio-weight 300' '--pids-limit x' '--restart nope' '--restart always:3' '--restart on-failure:-1' '--cpu-rt-period 1000 --cpu-rt-runtime 2000'; do echo "$o"; docker update $o x-un; done 2>&1 | grep -v '^$\|Run '; docker inspect -f '{{json .HostConfig}}' x-un; docker rm -f x-un

# options of update, one after the other
docker run -d --name x-uo busybox sleep 1000 >/dev/null; for o in '-m 64m' '-m 64m --memory-swap 128m' '--memory-swap -1' '-m 32m' '--memory-reservation 16m' '-m 8m' '-m 0' '--cpus 0.5' '--cpus 0' '--cpu-quota 20000' '--cpu-period 50000 --cpu-quota 10000' '--cpu-quota -1' '--cpus 1.5' '-c 512' '-c 0' '--cpuset-cpus 0' '--cpuset-cpus 0-1 --cpuset-mems 0' '--pids-limit 10' '--pids-limit 0' '--pids-limit -1' '--blkio-weight 0' '--restart on-failure:3' '--restart unless-stopped'; do echo "$o"; docker update $o x-uo; docker inspect -f '{{with .HostConfig}}{{.Memory}} {{.MemorySwap}} {{.MemoryReservation}} {{.NanoCpus}} {{.CpuQuota}} {{.CpuPeriod}} {{.CpuShares}} {{.CpusetCpus}} {{.CpusetMems}} {{json .PidsLimit}} {{json .RestartPolicy}}{{end}}' x-uo; docker exec x-uo sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu/cpu.shares cpuset/cpuset.cpus pids/pids.max | tr "\n" " "'; echo; done 2>&1 | grep -v '^$\|Run '; docker rm -f x-uo

# update of real time
docker run -d --name x-rt busybox sleep 1000 >/dev/null; docker update --cpu-rt-period 1000000 --cpu-rt-runtime 1000 x-rt 2>&1 | cut -c1-60 | cut -d: -f1-2; docker inspect -f '{{.HostConfig.CpuRealtimePeriod}} {{.HostConfig.CpuRealtimeRuntime}}' x-rt; docker rm -f x-rt

# update by the API
docker run -d --name x-ua busybox sleep 1000 >/dev/null; for b in '{}' '{"Memory":64000000}' '{"MemorySwap":-1}' '{"Memory":-1}' '{"NanoCpus":500000000}' '{"NanoCpus":0}' '{"CpuQuota":10000}' '{"Nope":1}' '{"PidsLimit":null}' '{"PidsLimit":5}' '{"RestartPolicy":{}}' '{"RestartPolicy":{"Name":"always"}}' '{"RestartPolicy":{"Name":"always","MaximumRetryCount":2}}' '{"Ulimits":[{"Name":"nofile","Soft":5,"Hard":5}]}' '{"Devices":[{"PathOnHost":"/dev/null"}]}' '{"OomKillDisable":true}' '{"MemorySwappiness":10}' '{"BlkioDeviceReadBps":[{"Path":"/dev/loop0","Rate":5}]}' '{"CgroupParent":"x"}' '{"DeviceCgroupRules":["c 1:3 r"]}' '{"CpusetCpus":"0"}' 'null' '[]' '{"KernelMemory":5}' '{"Init":true}'; do echo "$b"; api POST /containers/x-ua/update "$b"; docker inspect -f '{{json .HostConfig}}' x-ua | grep -oE '"(Memory|MemorySwap|NanoCpus|CpuQuota|PidsLimit|Ulimits|Devices|OomKillDisable|MemorySwappiness|BlkioDeviceReadBps|CgroupParent|DeviceCgroupRules|CpusetCpus|Init|RestartPolicy)":[^,]*' | tr '\n' ' '; echo; done; docker rm -f x-ua

# update of one that is paused, of one that is stopped
docker run -d --name x-up -m 64m busybox sleep 1000 >/dev/null; docker pause x-up; docker update -m 32m --memory-swap 64m x-up; docker unpause x-up; docker exec x-up cat /sys/fs/cgroup/memory/memory.limit_in_bytes; docker kill x-up; docker update --cpus 0.5 --pids-limit 7 x-up; docker start x-up; docker exec x-up cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us; docker rm -f x-up
