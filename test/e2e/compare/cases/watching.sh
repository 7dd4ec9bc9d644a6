# wait: next-exit of one that ended long ago, of one that starts again
docker run --name w-a busybox sh -c 'exit 3'; (until_ok false; docker start w-a >/dev/null) & api POST '/containers/w-a/wait?condition=next-exit'; wait

# wait: several conditions at once
docker run -d --name w-b busybox sh -c "sleep 2; exit 7" >/dev/null; for c in not-running next-exit removed; do curl -s --max-time 20 -X POST -o "$WORK/w-$c" --unix-socket "$SOCKET" "http://d/containers/w-b/wait?condition=$c" & done; sleep 4; docker rm w-b; wait; cat "$WORK"/w-not-running "$WORK"/w-next-exit "$WORK"/w-removed

# wait: of one with --rm that cannot start
docker create --rm --name w-c busybox /nope >/dev/null; (docker wait w-c; echo "wait $?") & sleep 0.5; docker start w-c; wait; docker ps -aq --filter name=w-c

# --rm: what is never there afterwards
docker run --rm --name w-d busybox /nope; docker run --rm --name w-d -w /bin/busybox busybox true; docker run --rm --name w-d --network none -v /data busybox false; docker run --rm --name w-d -v w-none/x:/y busybox true; docker ps -aq --filter name=w-d; docker volume ls -q

# --rm: stop, kill, rm -f
for v in 'stop -t 0' kill 'rm -f'; do docker run -d --rm --name w-e busybox sleep 100 >/dev/null; mark; docker $v w-e >/dev/null; until_ok sh -c "! $CLIENT inspect w-e"; since -f container=w-e --format '{{.Action}}' | sort | tr '\n' ' '; echo; done

# restart policies: count, and the words of inspect
docker run -d --name w-f --restart on-failure:2 busybox sh -c 'exit 5' >/dev/null; until_status w-f exited; docker inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.State.Restarting}}' w-f; docker logs w-f

# restart policies: stop while it waits for its next start
docker run -d --name w-g --restart always busybox sh -c 'exit 5' >/dev/null; until_status w-g restarting; docker ps -a --filter name=w-g --format '{{.State}}'; docker stop w-g; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' w-g; sleep 1; docker inspect -f '{{.State.Status}}' w-g; docker start w-g; until_status w-g restarting; docker rm -f w-g

# restart policies: kill counts as stopped by hand
docker run -d --name w-h --restart always busybox sleep 100 >/dev/null; docker kill w-h; sleep 1; docker inspect -f '{{.State.Status}} {{.RestartCount}}' w-h; docker rm -f w-h

# restart policies: a signal that is no end
docker run -d --name w-i --restart always busybox sh -c 'trap : HUP; while :; do sleep 0.1; done' >/dev/null; docker kill -s HUP w-i; sleep 0.5; docker inspect -f '{{.State.Status}} {{.RestartCount}}' w-i; docker rm -f w-i

# health: start interval and start period
docker run -d --name w-j --health-cmd 'test -e /ok' --health-interval 60s --health-start-period 30s --health-start-interval 1s busybox sh -c 'sleep 2; touch /ok; sleep 100' >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' w-j | grep -q ^healthy"; docker inspect -f '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' w-j; docker inspect -f '{{json .Config.Healthcheck}}' w-j; docker rm -f w-j

# health: retries, and the log of the last five
docker run -d --name w-k --health-cmd 'echo no; exit 4' --health-interval 0.2s --health-retries 3 busybox sleep 100 >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' w-k | grep -q ^unhealthy"; sleep 2; docker inspect -f '{{.State.Health.Status}} {{len .State.Health.Log}} {{(index .State.Health.Log 4).ExitCode}} {{(index .State.Health.Log 4).Output}}' w-k; docker ps --filter health=unhealthy --format '{{.Names}}'; docker rm -f w-k

# health: a probe that takes too long, one that says a lot
docker run -d --name w-l --health-cmd 'sleep 5' --health-interval 0.3s --health-timeout 0.3s --health-retries 1 busybox sleep 100 >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' w-l | grep -q ^unhealthy"; docker inspect -f '{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}' w-l; docker rm -f w-l; docker run -d --name w-l --health-cmd 'head -c 9000 /dev/zero | tr "\0" x' --health-interval 0.5s busybox sleep 100 >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' w-l | grep -q ^healthy"; docker inspect -f '{{len (index .State.Health.Log 0).Output}}' w-l; docker rm -f w-l

# health: events
mark; docker run -d --name w-m --health-cmd true --health-interval 0.5s busybox sleep 100 >/dev/null; until_ok sh -c "$CLIENT inspect -f '{{.State.Health.Status}}' w-m | grep -q ^healthy"; docker rm -f w-m >/dev/null; since -f container=w-m --format '{{.Action}}' | grep -v exec_die | uniq

# health: none, none without a command
docker run --rm --no-healthcheck --health-cmd x busybox true; docker run --rm --no-healthcheck busybox true; docker create --name w-n --health-interval 5s busybox; docker inspect -f '{{json .Config.Healthcheck}}' w-n; docker rm w-n; docker run --rm --health-start-interval 1us busybox true

# log options: labels and variables by name and by pattern
docker run --name w-o --label one.a=1 --label two=2 -e ONE_E=3 -e TWO=4 --log-opt labels=two --log-opt labels-regex='^one\.' --log-opt env=TWO --log-opt env-regex='^ONE' busybox echo x; docker logs --details w-o; docker rm w-o; docker run --rm --log-opt labels-regex='(' busybox true

# log options: a tag of json-file
docker run --name w-p --log-opt tag='{{.Name}}/{{.ImageName}}' busybox echo x; docker logs --details w-p; docker rm w-p; docker run --rm --log-opt tag='{{.Nope}}' busybox true

# log options: a tail after rotation
docker run --name w-q --log-opt max-size=4k --log-opt max-file=2 busybox sh -c 'for i in $(seq 200); do echo line $i; done'; docker logs --tail 3 w-q; docker logs w-q | tail -1; docker rm w-q

# log options: compress without files to compress
docker run --rm --log-opt compress=true busybox true; docker run --rm --log-opt compress=true --log-opt max-file=3 busybox true; docker run --rm --log-opt compress=true --log-opt max-size=1m --log-opt max-file=3 busybox echo fine

# dual logging: a driver that keeps no copy
docker run --name w-r --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:5 --log-opt cache-disabled=true busybox echo x; docker logs w-r; docker rm w-r; docker run --name w-r --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:5 busybox echo x; docker logs w-r; docker rm w-r; docker run --rm --log-opt cache-disabled=true busybox true

# dual logging: drivers that cannot be reached, options that are none
docker run --rm --log-driver gelf busybox true; docker run --rm --log-driver gelf --log-opt gelf-address=x busybox true; docker run --rm --log-driver fluentd --log-opt fluentd-address=x:y:z busybox true; docker run --rm --log-driver syslog --log-opt syslog-facility=x busybox true; docker run --rm --log-driver syslog --log-opt nope=x busybox true; docker run --rm --log-driver none --log-opt max-size=1 busybox echo fine

# logs: long lines are one line
docker run --name w-s busybox sh -c 'head -c 40000 /dev/zero | tr "\0" a; echo; printf unfinished'; docker logs w-s | wc; docker logs -t w-s | cut -c32-40 | head -2; docker logs --tail 1 w-s | wc -c; docker rm w-s

# logs: what is follow's with a tail and a time
docker run -d --name w-t busybox sh -c 'echo a; echo b; sleep 2; echo c; sleep 1; echo d' >/dev/null; until_ok sh -c "$CLIENT logs w-t | grep -q b"; docker logs -f --tail 1 w-t; docker logs -f --since 1h --tail 2 w-t; docker logs --until 1h w-t; docker logs -f --until 0.1s w-t; docker logs --tail -1 w-t | wc -l; docker logs --tail x w-t | wc -l; docker logs --since x w-t; docker rm w-t

# logs: the driver local
docker run -d --name w-u --log-driver local busybox sh -c 'echo a; echo b >&2; sleep 1; echo c' >/dev/null; docker logs -f --tail 1 w-u | tail -1; docker logs --tail 2 w-u 2>&1 | sort; docker logs --since 1h w-u 2>/dev/null; docker logs --until 1h w-u; docker rm w-u

# non-blocking delivery
docker run --name w-v --log-opt mode=non-blocking --log-opt max-buffer-size=1k busybox sh -c 'for i in $(seq 20); do echo $i; done'; docker logs w-v | tail -1; docker rm w-v; docker run --name w-v --log-opt mode=blocking busybox echo x; docker rm w-v

# attach: with detach keys, to one that is paused
docker run -d -it --name w-w busybox sh >/dev/null; docker attach --detach-keys nope,nope w-w; api POST '/containers/w-w/attach?detachKeys=nope'; docker pause w-w >/dev/null; docker attach w-w; docker rm -f w-w >/dev/null

# attach by websocket needs one
docker run -d --name w-x busybox sleep 100 >/dev/null; api GET '/containers/w-x/attach/ws?stream=1'; api GET '/containers/w-none/attach/ws?stream=1'; docker rm -f w-x

# top: arguments
docker run -d --name w-y busybox sleep 100 >/dev/null; docker top w-y | head -1; docker top w-y aux | head -1; docker top w-y -eo pid,user,comm | tail -1 | awk '{print $2, $3}'; docker top w-y -o user | tail -1; docker top w-y -z; api GET '/containers/w-y/top?ps_args=-o%20pid,comm' | grep -o '"Titles":.*'; docker pause w-y >/dev/null; docker top w-y | wc -l; docker rm -f w-y

# rename while it runs and restarts
docker run -d --name w-1 busybox sleep 100 >/dev/null; mark; for i in 2 3 4 5; do docker rename w-$((i - 1)) w-$i; done; docker restart -t 0 w-5; docker rename w-5 w-1; docker exec w-1 hostname | wc -c; since -f type=container --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.oldName}}' | grep rename; docker rm -f w-1

# limits that this kernel has or has not
for f in '--oom-kill-disable' '--oom-kill-disable --memory 50m' '--memory-swappiness 10' '--kernel-memory 50m' '--cpu-rt-period 100000' '--blkio-weight 300' '--blkio-weight-device /dev/vda:100' '--device-read-bps /dev/vda:1mb' '--device-write-iops /dev/vda:100' '--device-read-bps /nope:1mb' '--cpuset-mems 0' '--cpuset-mems 9' '--cpu-shares 512'; do echo "== $f"; docker run --rm $f busybox echo fine; done

# what clean-up of places is left to the user
docker run --rm --security-opt systempaths=unconfined busybox sh -c 'grep -c -E " /proc/(kcore|keys|timer_list|sys|irq) " /proc/mounts'; docker run --rm --security-opt seccomp=builtin busybox echo fine; docker run --rm --security-opt seccomp=/nope busybox true; docker run --rm --security-opt label=disable busybox echo fine; docker run --rm --security-opt apparmor=nope busybox echo fine; docker run --rm --security-opt no-new-privileges=false busybox grep NoNewPrivs /proc/self/status

# namespaces of another container
docker run -d --name w-3 --ipc shareable --hostname joined busybox sleep 100 >/dev/null; docker run --rm --pid container:w-3 busybox ps | grep -c 'sleep 100'; docker run --rm --network container:w-3 busybox hostname; docker run --rm --ipc container:w-3 busybox echo fine; docker run --rm --uts container:w-3 busybox echo fine; docker run --rm --userns container:w-3 busybox true; docker run --rm --cgroupns container:w-3 busybox true; docker run --rm --network container:w-3 --hostname x busybox true; docker run --rm --network container:w-3 -p 1:1 busybox true; docker run -d --name w-4 busybox sleep 100 >/dev/null; docker run --rm --ipc container:w-4 busybox true; docker rm -f w-3 w-4

# commit of what changes
docker run -d --name w-5 busybox sh -c 'while :; do date >>/f; done' >/dev/null; docker commit -q -a me -m note -c 'ENV a=b' -c 'EXPOSE 5' -c 'LABEL l=m' -c 'ENTRYPOINT ["sh"]' w-5 w-img >/dev/null; docker image inspect -f '{{json .Config.Env}} {{json .Config.ExposedPorts}} {{json .Config.Labels}} {{json .Config.Entrypoint}} {{.Author}} {{.Comment}}' w-img; docker inspect -f '{{.State.Status}}' w-5; docker commit -c 'RUN x' w-5; docker rm -f w-5; docker rmi w-img >/dev/null

# the end
docker rm -f $(docker ps -aq) >/dev/null; docker volume prune -af >/dev/null; docker ps -aq
