# create without a name
docker create busybox true | wc -c

# create, inspect of the state
docker create --name x-a busybox sh -c 'echo out; echo err >&2; exit 3' >/dev/null; docker inspect -f '{{json .State}}' x-a

# create with a name in use
docker create --name x-a busybox

# create with a bad name
docker create --name 'x a' busybox

# create with a name of one letter
docker create --name x busybox

# create of an image that is not there, never pulled
docker create --pull never x-nope

# create without a command in image or arguments
docker run --rm --entrypoint '' busybox

# start, attached
docker start -a x-a; echo $?

# start of one that runs
docker run -d --name x-run busybox sleep 1000 >/dev/null; docker start x-run; api POST /containers/x-run/start

# start of none
docker start x-none; api POST /containers/x-none/start

# start with a body
api POST /containers/x-a/start '{"Binds":["a:/b"]}'

# stop of one that does not run
docker stop x-a; api POST /containers/x-a/stop

# stop
docker run -d --name x-stop busybox sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop x-stop; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' x-stop

# stop with a signal and a time
docker start x-stop; sleep 0.2; docker stop -s KILL -t 5 x-stop; docker inspect -f '{{.State.ExitCode}}' x-stop

# stop after the time is over
docker run -d --name x-deaf busybox sh -c 'trap "" TERM; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop -t 1 x-deaf; docker inspect -f '{{.State.ExitCode}}' x-deaf; docker rm x-deaf

# stop with a bad signal, a bad time
api POST '/containers/x-run/stop?signal=NOPE'; api POST '/containers/x-run/stop?t=abc'

# kill
docker start x-stop; sleep 0.2; docker kill x-stop; docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}' x-stop

# kill of one that does not run, with a bad signal
docker kill x-stop; docker kill -s NOPE x-run; api POST '/containers/x-run/kill?signal=99'; api POST '/containers/x-none/kill'

# kill with another signal
docker start x-stop; sleep 0.3; docker kill -s TERM x-stop; docker wait x-stop

# restart
docker restart -t 0 x-run; docker inspect -f '{{.State.Status}} {{.RestartCount}}' x-run

# restart of none
docker restart x-none

# pause, unpause
docker pause x-run; docker inspect -f '{{.State.Status}} {{.State.Paused}} {{.State.Running}}' x-run; docker pause x-run; docker unpause x-run; docker unpause x-run; docker inspect -f '{{.State.Status}}' x-run

# pause of one that does not run
docker pause x-a; docker unpause x-a

# what a paused container refuses
docker pause x-run; docker exec x-run true; docker rm x-run; api POST /containers/x-run/restart?t=0; docker inspect -f '{{.State.Status}}' x-run

# stop of a paused container
docker pause x-run; docker stop -t 1 x-run; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' x-run; docker start x-run

# rename
docker rename x-a x-b; docker inspect -f '{{.Name}}' x-b; docker rename x-b x-a

# rename to a name in use, to none, to the same, of none, to a bad one
docker rename x-a x-run; docker rename x-a ''; docker rename x-a x-a; docker rename x-none x-z; docker rename x-a 'x z'; api POST '/containers/x-a/rename?name='

# rm of one that runs
docker rm x-run; api DELETE /containers/x-run

# rm of none, by force too
docker rm x-none; docker rm -f x-none; api DELETE /containers/x-none; api DELETE '/containers/x-none?force=1'

# rm -f
docker run -d --name x-rm busybox sleep 100 >/dev/null; docker rm -f x-rm; docker inspect x-rm

# rm -v takes anonymous volumes along
docker create --name x-rmv -v /anon -v x-named:/n busybox >/dev/null; v=$(docker inspect -f '{{range .Mounts}}{{if eq .Destination "/anon"}}{{.Name}}{{end}}{{end}}' x-rmv); docker rm -v x-rmv; docker volume inspect $v; docker volume inspect -f '{{.Name}}' x-named; docker volume rm x-named

# run --rm takes anonymous volumes along
docker run --rm --name x-rmv -v /anon busybox true; docker volume ls -q --filter dangling=true | wc -l

# run: exit codes
for c in 'exit 5' 'kill -9 $$' 'kill -TERM $$'; do docker run --rm busybox sh -c "$c"; echo $?; done

# run: no such program
docker run --rm --name x-nocmd busybox nope; echo $?

# run: not executable
docker run --rm --name x-nocmd busybox /etc/passwd; echo $?

# run: a directory as program
docker run --rm --name x-nocmd busybox /etc; echo $?

# run -d: no such program leaves the container
docker run -d --name x-nocmd busybox nope; echo $?; docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' x-nocmd; docker rm x-nocmd

# run: a working directory that is a file
docker run --rm -w /etc/passwd busybox pwd; echo $?

# run: a working directory that is not there is made
docker run --rm -w /a/b/c busybox pwd

# run: user by name, number, group
for u in app app:root 7 7:8 :8 0:app 1000; do docker run --rm -u $u busybox id; done

# run: unknown user, unknown group
docker run --rm -u nobody2 busybox id; docker run --rm -u app:nogroup2 busybox id; docker run --rm -u -1 busybox id; docker run --rm -u 99999999999 busybox id

# run: environment
docker run --rm -e A=1 -e B -e C= -e 'D=x y' -h hosty busybox env | sort

# run: host name
docker run --rm -h a.b.c busybox sh -c 'hostname; cat /etc/hostname; tail -1 /etc/hosts | cut -f2'; docker run --rm --domainname d.e -h a busybox sh -c 'hostname; tail -1 /etc/hosts | cut -f2'

# run: standard input
echo hello | docker run --rm -i busybox cat

# run: standard error apart
docker run --rm busybox sh -c 'echo o; echo e >&2' 2>/dev/null

# run: a terminal without one
docker run --rm -t busybox echo hi; docker run --rm -it busybox true

# run: ports that are not ports
docker run --rm -p nope busybox; docker run --rm -p 99999:80 busybox true; docker run --rm -p 80:99999 busybox true; docker run --rm -p 1-2:3-5 busybox true

# wait
docker run -d --name x-w busybox sh -c 'sleep 0.3; exit 4' >/dev/null; docker wait x-w; docker wait x-w x-a; docker rm x-w

# wait: conditions
api POST '/containers/x-a/wait?condition=nope'; api POST '/containers/x-a/wait'; api POST '/containers/x-none/wait'; (sleep 2; docker rm -f x-w2 >/dev/null) & docker run -d --name x-w2 busybox sleep 100 >/dev/null; api POST '/containers/x-w2/wait?condition=removed'; wait

# top
docker top x-run | awk '{print NF, $8}'; docker top x-run -o pid,comm | awk 'NR==1{print} NR>1{print $2}'; docker top x-a; docker top x-run -o nope; docker top x-none

# resize
api POST '/containers/x-run/resize?h=10&w=20'; api POST '/containers/x-run/resize?h=a&w=20'; api POST '/containers/x-run/resize'; api POST '/containers/x-a/resize?h=1&w=1'

# diff
docker run --name x-diff busybox sh -c 'echo 1 >/new; rm /data/file; mkdir /dir; touch /dir/a; chmod 700 /root'; docker diff x-diff | sort; docker rm x-diff; docker diff x-none

# port
docker run -d --name x-port -p 127.0.0.1:18080:80 -p 18081:81/udp busybox sleep 100 >/dev/null; docker port x-port | sort; docker port x-port 80; docker port x-port 81/udp | sort; docker port x-port 99; docker port x-port nope; docker port x-a; docker rm -f x-port

# restart policy: on-failure
docker run -d --name x-rp --restart on-failure:2 busybox sh -c 'exit 3' >/dev/null; until_status x-rp exited; sleep 0.5; until_status x-rp exited; docker inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.State.Status}}' x-rp; docker rm -f x-rp

# restart policy: bad ones
docker run --restart nope busybox; docker run --restart always:3 busybox; docker run --restart on-failure:-1 busybox; docker run --restart always --rm busybox; api POST '/containers/create' '{"Image":"busybox","HostConfig":{"RestartPolicy":{"Name":"always","MaximumRetryCount":3}}}'

# auto-remove events
mark; docker run --rm --name x-ev busybox sh -c 'exit 3'; sleep 0.5; since --filter container=x-ev | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/'

# events of a life
mark; docker create --name x-ev -l a=b busybox sleep 100 >/dev/null; docker start x-ev >/dev/null; docker pause x-ev >/dev/null; docker unpause x-ev >/dev/null; docker rename x-ev x-ev2; docker exec x-ev2 true; docker kill -s HUP x-ev2 >/dev/null; docker restart -t 0 x-ev2 >/dev/null; docker stop -t 0 x-ev2 >/dev/null; docker rm x-ev2 >/dev/null; sleep 0.3; since --filter type=container --filter label=a=b | sort | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/'

# prune
docker run --name x-p1 -l keep busybox true; docker run --name x-p2 -l x-prune busybox true; docker container prune -f --filter label=x-prune | head -2; docker inspect -f '{{.Name}}' x-p1; docker rm x-p1

# prune: bad filters
docker container prune -f --filter nope=1; docker container prune -f --filter until=nope; api POST '/containers/prune?filters=nope'

# the end
docker rm -f x-a x-run x-stop
