# what one that waits for its next start answers
docker run -d --name r-a --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-a; docker inspect -f '{{.State.Status}} {{.State.Running}} {{.State.Restarting}} {{.State.Paused}} {{.State.ExitCode}} {{.State.Pid}} {{.State.Dead}}' r-a; docker pause r-a; docker unpause r-a; docker exec r-a true; docker attach r-a; docker top r-a; docker rm r-a; docker ps --filter name=r-a --format '{{.Names}} {{.State}} {{.Ports}}'; docker ps --filter name=r-a --filter status=restarting -q | wc -l; docker ps --filter name=r-a --format '{{.Status}}'; api POST '/containers/r-a/resize?h=1&w=1'; docker stats --no-stream --format '{{.Name}} {{.PIDs}}' r-a; docker rename r-a r-a2; docker logs r-a2; docker cp r-a2:/etc/hostname - | tar xO | wc -c; docker rm -f r-a2

# update of one that waits: the policy goes
docker run -d --name r-b --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-b; docker update --restart no r-b; until_status r-b exited; sleep 0.5; docker inspect -f '{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}' r-b; docker rm r-b

# kill of one that waits
docker run -d --name r-c --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-c; docker kill r-c; until_status r-c exited; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' r-c; docker rm r-c

# stop of one that waits, with its events
docker run -d --name r-d --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-d; mark; docker stop r-d; sleep 0.3; since -f container=r-d --format '{{.Action}}'; docker stop r-d; docker kill r-d; docker rm r-d

# restart of one that waits
docker run -d --name r-e --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-e; mark; docker restart r-e; since -f container=r-e --format '{{.Action}}' | head -2; docker rm -f r-e

# start of one that waits
docker run -d --name r-f --restart always busybox sh -c 'exit 5' >/dev/null; until_resting r-f; docker start r-f; docker inspect -f '{{.RestartCount}}' r-f; docker rm -f r-f

# wait for one that waits
docker run -d --name r-g --restart on-failure:3 busybox sh -c 'exit 5' >/dev/null; until_status r-g restarting; (sleep 0.05; docker wait r-g); docker rm -f r-g

# the wait before the next start doubles
docker run -d --name r-h --restart always busybox sh -c 'cut -d" " -f1 /proc/uptime >>/t; exit 5' >/dev/null; sleep 7; docker cp -q r-h:/t "$WORK/t"; awk 'BEGIN {w=0.1} NR>1 && NR<6 {d=$1-p; if (d >= w && d < w+2) print "fine"; else print d; w*=2} {p=$1}' "$WORK/t"; docker rm -f r-h

# events of restarts
mark; docker run -d --name r-i --restart on-failure:2 busybox sh -c 'exit 5' >/dev/null; until_status r-i exited; sleep 0.3; since -f type=container --format '{{.Action}} {{.Actor.Attributes.exitCode}}'; docker rm r-i

# on-failure: ends well at the second time, counts anew after a start by hand
docker run -d --name r-j --restart on-failure:5 -v r-v:/v busybox sh -c 'test -e /v/f && exit 0; touch /v/f; exit 1' >/dev/null; until_status r-j exited; docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' r-j; docker start r-j >/dev/null; until_status r-j exited; docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' r-j; docker rm r-j; docker volume rm r-v

# on-failure without a number, unless-stopped, a command that cannot be found at its second start
docker run -d --name r-k --restart on-failure busybox sh -c 'exit 0' >/dev/null; until_status r-k exited; docker inspect -f '{{.RestartCount}} {{json .HostConfig.RestartPolicy}}' r-k; docker rm r-k; docker run -d --name r-k --restart unless-stopped busybox sh -c 'exit 0' >/dev/null; until_status r-k restarting; docker inspect -f '{{json .HostConfig.RestartPolicy}}' r-k; docker stop r-k; docker rm r-k; docker run -d --name r-k --restart always --entrypoint /bin/myself busybox >/dev/null; docker rm -f r-k; docker run -d --name r-k --restart always busybox sh -c 'rm /bin/sh; exit 1' >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Error}}' r-k | grep -q exec"; sleep 0.5; docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.Error}}' r-k; docker rm -f r-k

# a process that ends by itself after a signal that is not its stop signal
docker run -d --name r-l --restart always busybox sleep 100 >/dev/null; docker exec r-l kill -KILL 1; docker exec r-l sh -c 'kill -TERM 1'; docker inspect -f '{{.State.Status}}' r-l; docker rm -f r-l; for p in always unless-stopped on-failure; do docker run -d --name r-l --restart $p --stop-signal TERM busybox sh -c 'trap "exit 3" USR1; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker kill -s USR1 r-l; sleep 1; docker inspect -f '{{.State.Status}} {{.RestartCount}}' r-l; docker rm -f r-l; done; docker run -d --name r-l --restart always busybox sh -c 'trap "exit 3" USR1; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker kill -s USR1 r-l; sleep 1; docker inspect -f '{{.State.Status}} {{.RestartCount}}' r-l; docker rm -f r-l

# kill does not hold one that is started again
docker run -d --name r-m --restart always busybox sleep 100 >/dev/null; docker kill r-m; docker start r-m; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' r-m; docker restart -t 0 r-m; docker inspect -f '{{.State.Status}} {{.RestartCount}}' r-m; docker rm -f r-m

# rm -f and rename at once
docker run -d --name r-n --restart always busybox sh -c 'exit 1' >/dev/null; for i in 1 2 3 4 5 6 7 8; do docker rename r-n r-n$i; docker rename r-n$i r-n; done; docker rm -f r-n; for i in 1 2 3 4 5 6; do docker run -d --name r-n --restart always busybox true >/dev/null; docker rm -f r-n; done; docker ps -aq

# update: policies that cannot be
docker run -d --name r-o busybox sleep 100 >/dev/null; docker update --restart nope r-o; docker update --restart on-failure:x r-o; docker update --restart always:1 r-o; docker update --restart on-failure:2 r-o; docker inspect -f '{{json .HostConfig.RestartPolicy}}' r-o; docker rm -f r-o; docker run -d --rm --name r-o busybox sleep 100 >/dev/null; docker update --restart always r-o; docker rm -f r-o
