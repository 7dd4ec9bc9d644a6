# a container
docker run -d --name x-e -e A=1 -w /tmp busybox sleep 1000 >/dev/null; docker run -d --name x-u -u app busybox sleep 1000 >/dev/null; docker create --name x-c busybox >/dev/null

# exec
docker exec x-e echo hi

# exit codes
docker exec x-e sh -c 'exit 9'; echo $?; docker exec x-e sh -c 'kill -9 $$'; echo $?

# no such program, not executable, a directory
docker exec x-e nope; echo $?; docker exec x-e /etc/passwd; echo $?; docker exec x-e /etc; echo $?

# environment, directory, user
docker exec -e B=2 -e A=3 x-e env | sort; docker exec -w /etc x-e pwd; docker exec x-e pwd; docker exec -u app x-e id; docker exec -u 1234:55 x-e id; docker exec x-u id; docker exec -u 0 x-u id

# bad directory, bad user
docker exec -w /nope x-e pwd; echo $?; docker exec -w rel x-e pwd; echo $?; docker exec -u nobody2 x-e id; echo $?

# standard input
echo words | docker exec -i x-e cat; echo words | docker exec x-e cat

# output apart
docker exec x-e sh -c 'echo o; echo e >&2' 2>/dev/null

# detached
docker exec -d x-e touch /tmp/made; until_ok docker exec x-e test -e /tmp/made && echo made

# privileged
docker exec --privileged x-e grep CapEff /proc/self/status; docker exec x-e grep CapEff /proc/self/status

# in a container that does not run, in none
docker exec x-c true; docker exec x-none true

# api: create with nothing
api POST /containers/x-e/exec '{}'; api POST /containers/x-e/exec 'nope'; api POST /containers/x-none/exec '{"Cmd":["true"]}'; api POST /containers/x-c/exec '{"Cmd":["true"]}'

# api: inspect of one that has not begun
id=$(curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d '{"Cmd":["sh","-c","exit 4"],"AttachStdout":true,"User":"app","WorkingDir":"/etc","Env":["X=1"]}' http://d/containers/x-e/exec | sed 's/.*"Id":"\([^"]*\).*/\1/'); api GET /exec/$id/json | sed 's/"Pid":[0-9]*/"Pid":N/'; echo $id >id

# api: start detached, inspect
api POST /exec/$(cat id)/start '{"Detach":true}'; sleep 0.5; api GET /exec/$(cat id)/json | sed 's/"Pid":[0-9]*/"Pid":N/'

# api: start again
api POST /exec/$(cat id)/start '{"Detach":true}'

# api: none
api GET /exec/nope/json; api POST /exec/nope/start '{}'; api POST '/exec/nope/resize?h=1&w=1'

# api: bad resize
api POST "/exec/$(cat id)/resize?h=a&w=1"; api POST "/exec/$(cat id)/resize?h=1&w=1"

# inspect of the container tells running ones
docker exec -d x-e sleep 5; docker inspect -f '{{len .ExecIDs}}' x-e

# events
mark; docker exec x-e sh -c 'exit 2'; sleep 0.2; since --filter container=x-e

# paused
docker pause x-e; docker exec x-e true; docker unpause x-e

# the end
docker rm -f x-e x-u x-c
