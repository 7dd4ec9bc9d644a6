# signals of all kinds
docker run -d --name s-a busybox sh -c 'trap "echo hup" HUP; trap "echo usr" USR1; trap "echo rt" 36; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; for s in HUP SIGHUP hup sighup 1 USR1 RTMIN+2 SIGRTMIN+2 rtmin+2 36; do docker kill -s $s s-a; sleep 0.15; done; docker logs s-a; for s in 0 65 -1 RTMAX+1 RTMIN+99 RTMIN-1 '' ' ' HUP1 SIG 1x NOPE 99999999999999999999 CLD POLL IOT RTMAX-99 STKFLT UNUSED; do echo "== $s"; docker kill -s "$s" s-a; api POST "/containers/s-a/kill?signal=$(printf %s "$s" | sed 's/ /%20/;s/+/%2B/')"; docker start s-a >/dev/null; sleep 0.05; done 2>&1; docker rm -f s-a

# signals to one that does not run, that is paused
docker create --name s-b busybox sleep 100 >/dev/null; docker kill s-b; docker kill -s HUP s-b; docker start s-b >/dev/null; docker pause s-b >/dev/null; mark; docker kill -s CONT s-b; docker inspect -f '{{.State.Status}}' s-b; docker pause s-b 2>/dev/null; docker kill s-b; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' s-b; sleep 0.2; since -f container=s-b --format '{{.Action}} {{.Actor.Attributes.signal}}' | head -4; docker rm s-b

# kill: several, one of them none
docker run -d --name s-c busybox sleep 100 >/dev/null; docker kill s-none s-c; echo $?; docker rm s-c

# stop: values
docker run -d --name s-d busybox sh -c 'trap "exit 0" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.2; for q in 't=x' 't=1.5' 't=-2' 't=' 'signal=' 'signal=NOPE' 'signal=0' 'signal=KILL&t=5'; do echo "== $q"; api POST "/containers/s-d/stop?$q"; api POST "/containers/s-d/restart?$q"; docker start s-d >/dev/null; sleep 0.2; done 2>&1; docker rm -f s-d

# stop: the signal of the container, its time, none at all
docker run -d --name s-e --stop-signal USR1 --stop-timeout 1 busybox sh -c 'trap "exit 7" USR1; trap : TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker inspect -f '{{.Config.StopSignal}} {{.Config.StopTimeout}}' s-e; mark; docker stop s-e; docker inspect -f '{{.State.ExitCode}}' s-e; docker start s-e >/dev/null; sleep 0.3; docker stop -s TERM s-e; docker inspect -f '{{.State.ExitCode}}' s-e; docker start s-e >/dev/null; sleep 0.3; docker restart -s USR1 s-e; docker kill -s 12 s-e >/dev/null; docker rm -f s-e >/dev/null; since -f container=s-e --format '{{.Action}} {{.Actor.Attributes.signal}}' | sed 's/die.*/end/;s/stop.*/end/'

# stop: time 0, time without end
docker run -d --name s-f busybox sh -c 'trap "sleep 1; exit 9" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop -t 0 s-f; docker inspect -f '{{.State.ExitCode}}' s-f; docker start s-f >/dev/null; sleep 0.3; docker stop -t -1 s-f; docker inspect -f '{{.State.ExitCode}}' s-f; docker rm s-f; docker run -d --name s-f --stop-timeout -1 busybox sh -c 'trap "sleep 1; exit 9" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop s-f; docker inspect -f '{{.State.ExitCode}} {{.Config.StopTimeout}}' s-f; docker rm s-f; docker run -d --name s-f --stop-timeout 0 busybox sh -c 'trap "sleep 1; exit 9" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop s-f; docker inspect -f '{{.State.ExitCode}} {{.Config.StopTimeout}}' s-f; docker rm s-f

# stop signals that are none
docker create --stop-signal NOPE --name s-g busybox; docker create --stop-signal 0 --name s-g busybox; docker create --stop-signal 99 --name s-g busybox; docker create --stop-signal RTMIN+3 --name s-g busybox sleep 9 >/dev/null; docker inspect -f '{{.Config.StopSignal}}' s-g; docker rm s-g; docker create --stop-timeout x busybox; docker create --stop-signal 15 --name s-g busybox sleep 9 >/dev/null; docker inspect -f '{{.Config.StopSignal}}' s-g; docker rm s-g

# stop of one that ends by itself meanwhile, two stops at once
docker run -d --name s-h busybox sh -c 'trap "" TERM; sleep 1.5; exit 4' >/dev/null; sleep 0.2; docker stop -t 5 s-h; docker inspect -f '{{.State.ExitCode}}' s-h; docker start s-h >/dev/null; sleep 0.2; docker stop -t 5 s-h >"$WORK/1" & docker stop -t 5 s-h >"$WORK/2"; wait; cat "$WORK/1" "$WORK/2"; docker rm s-h

# kill while a stop waits
docker run -d --name s-i busybox sh -c 'trap "" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; (docker stop -t 30 s-i; echo "stop $?") & sleep 0.5; docker kill s-i; wait; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' s-i; docker rm s-i

# rm -f while a stop waits
docker run -d --name s-j busybox sh -c 'trap "" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; (docker stop -t 30 s-j >/dev/null; echo "stop $?") & sleep 0.5; docker rm -f s-j >/dev/null; wait; docker ps -aq --filter name=s-j

# wait: every state
for s in created paused; do docker create --name s-k busybox sh -c 'sleep 1.2; exit 6' >/dev/null; [ $s = created ] || { docker start s-k >/dev/null; docker pause s-k >/dev/null; }; for c in '' not-running next-exit removed; do curl -s --max-time 15 -X POST -o "$WORK/w-$s-$c" --unix-socket "$SOCKET" "http://d/containers/s-k/wait?condition=$c" & done; sleep 0.5; [ $s = created ] && docker start s-k >/dev/null || docker unpause s-k >/dev/null; sleep 2; docker rm s-k; wait; for c in '' not-running next-exit removed; do echo "$s $c $(cat "$WORK/w-$s-$c")"; done; done

# wait: several names, in their order, one of them none, one removed meanwhile
docker run -d --name s-l busybox sh -c 'sleep 1; exit 1' >/dev/null; docker run -d --name s-m busybox sh -c 'exit 2' >/dev/null; docker wait s-l s-m; echo $?; docker wait s-m s-none s-l; echo $?; docker start s-l >/dev/null; (sleep 0.3; docker rm -f s-l >/dev/null) & docker wait s-l; echo $?; wait; docker rm s-m; docker run -d --rm --name s-l busybox sh -c 'sleep 0.5; exit 3' >/dev/null; docker wait s-l; echo $?

# wait: several waiters hear the same
docker run -d --name s-n busybox sh -c 'sleep 1; exit 8' >/dev/null; for i in 1 2 3 4; do docker wait s-n & done; wait; docker rm s-n

# init
docker run --rm --init=false busybox sh -c 'echo $$'; docker run -d --name s-o --init=false busybox sleep 100 >/dev/null; docker inspect -f '{{.HostConfig.Init}}' s-o; docker rm -f s-o; docker create --name s-o busybox >/dev/null; docker inspect -f '{{.HostConfig.Init}}' s-o; docker rm s-o
