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
