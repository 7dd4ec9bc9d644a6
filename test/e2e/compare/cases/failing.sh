# what state and events a failed start leaves: no such program
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mark; docker run -d --name b-a busybox nope; echo $?; state b-a; told; mark; docker start b-a; echo $?; state b-a; told; docker rm b-a

# no such directory to mount
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mkdir -p "$WORK/gone"; docker create --name b-b --mount type=bind,src="$WORK/gone",dst=/x busybox true >/dev/null; rmdir "$WORK/gone"; mark; docker start b-b; echo $?; state b-b; told; mkdir "$WORK/gone"; docker start -a b-b; echo $?; state b-b; docker rm b-b

# a port that is taken
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
docker run -d --name b-c1 -p 127.0.0.1:18090:80 busybox sleep 100 >/dev/null; mark; docker run -d --name b-c -p 127.0.0.1:18090:80 busybox true; echo $?; state b-c; told | grep -v disconnect; docker rm -f b-c b-c1

# with --rm
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mark; docker run --rm --name b-d -v /anon busybox nope; echo $?; sleep 0.5; told; docker ps -aq; docker volume ls -q | wc -l; mark; docker run -d --rm --name b-d busybox nope; echo $?; sleep 0.5; told; docker ps -aq

# with --rm, no network to join
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mark; docker run --rm --name b-e --network b-none busybox true; echo $?; sleep 0.3; told; docker ps -aq; mark; docker run --rm --name b-e --network container:b-none busybox true; echo $?; sleep 0.3; told; docker ps -aq

# with a restart policy
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mark; docker run -d --name b-f --restart always busybox nope; echo $?; sleep 1; state b-f; told; docker rm -f b-f

# a working directory that cannot be, a user that is none
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
mark; docker run -d --name b-g -w /etc/passwd busybox pwd; echo $?; state b-g; told | grep -v destroy; docker rm b-g; mark; docker run -d --name b-g -u nobody2 busybox id; echo $?; state b-g; told; docker rm b-g

# a namespace of one that does not run
state() { docker inspect -f '{{json .State}} {{.RestartCount}}' "$1" | sed 's/"Pid":[0-9]*/"Pid":N/'; }
told() { since -f type=container -f type=network -f type=volume | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"name":"[0-9a-f]\{64\}"/"name":"anon"/'; }
docker create --name b-h1 busybox sleep 9 >/dev/null; for n in network pid ipc; do mark; docker run -d --name b-h --$n container:b-h1 busybox true; echo $?; state b-h; told; docker rm b-h; done; docker rm b-h1

# failed, then mended
docker run --name b-i busybox nope; docker inspect -f '{{.State.ExitCode}} {{.State.Error}}' b-i; docker cp "$(command -v true)" b-i:/bin/nope; docker start -a b-i; docker inspect -f '{{.State.ExitCode}} {{.State.Error}}' b-i; docker rm b-i

# a second start while it runs, start of a paused one
docker run -d --name b-j busybox sleep 100 >/dev/null; mark; docker start b-j; docker pause b-j; docker start b-j; docker restart -t 1 b-j; docker inspect -f '{{.State.Status}}' b-j; docker unpause b-j; docker rm -f b-j; since --format '{{.Action}}' -f type=container | sed '5,6s/.*/stop or die/'

# what start does not know
docker create --name b-k busybox true >/dev/null; api POST '/containers/b-k/start?detachKeys=nope'; api POST /v1.23/containers/b-k/start '{"Binds":[]}'; docker start --detach-keys nope -a b-k; docker start -a b-k b-none; docker start b-none b-k; docker start --checkpoint x b-k; api POST '/containers/b-k/start?checkpoint=x'; docker rm b-k

# several at a time
docker create --name b-l1 busybox true >/dev/null; docker create --name b-l2 busybox nope >/dev/null; docker start b-l1 b-none b-l2; echo $?; docker stop b-l1 b-none b-l2; echo $?; docker rm b-l1 b-none b-l2; echo $?

# the end
docker rm -f $(docker ps -aq) 2>/dev/null; docker ps -aq
