# a container that wrote and ended
docker run --name x-l busybox sh -c 'for i in 1 2 3 4 5; do echo line $i; done; sleep 0.1; echo err >&2; sleep 0.1; printf part' >/dev/null 2>&1

# all
docker logs x-l 2>&1 | sort

# one stream
docker logs x-l 2>/dev/null; docker logs x-l 2>&1 >/dev/null

# tail
docker logs --tail 2 x-l 2>/dev/null; docker logs -n 0 x-l; docker logs --tail nope x-l 2>&1 | wc -l; docker logs --tail -3 x-l 2>&1 | wc -l

# times
docker logs -t --tail 1 x-l 2>/dev/null

# since, until
docker logs --since 1h x-l 2>/dev/null | wc -l; docker logs --since 2000-01-01 --until 2001-01-01 x-l; docker logs --until 1h x-l; docker logs --since 0 x-l 2>/dev/null| wc -l; docker logs --since nope x-l

# follow ends with the container
docker run -d --name x-f busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done' >/dev/null; docker logs -f x-f; docker rm x-f

# follow of one that has ended
docker logs -f x-l 2>/dev/null

# details
docker run --name x-det --label a=b -e C=d --log-opt labels=a --log-opt env=C busybox echo hi >/dev/null; docker logs --details x-det; docker rm x-det

# a terminal
docker run -t --name x-t busybox echo hi | od -c | head -2; docker logs x-t | od -c | head -2; docker rm x-t

# none
docker run --log-driver none --name x-n busybox echo hi; docker logs x-n; docker rm x-n

# no such container; no stream wanted
docker logs x-none; api GET /containers/x-l/logs; api GET '/containers/x-l/logs?stdout=1&since=nope'

# raw frames
curl -s --unix-socket $SOCKET 'http://d/containers/x-l/logs?stdout=1&tail=1' | od -c | head; curl -sI -X GET --unix-socket $SOCKET 'http://d/containers/x-l/logs?stdout=1&tail=1' | grep -iE 'HTTP|content-type'

# one that never ran
docker create --name x-c busybox >/dev/null; docker logs x-c; docker rm x-c

# the file itself
docker run --name x-j busybox sh -c 'echo one; printf two' >/dev/null; cat $(docker inspect -f '{{.LogPath}}' x-j); docker rm x-j

# rotation
docker run --name x-rot --log-opt max-size=10k --log-opt max-file=2 busybox sh -c 'for i in $(seq 500); do echo $i; done' >/dev/null; docker logs --tail 1 x-rot; ls $(dirname $(docker inspect -f '{{.LogPath}}' x-rot)) | grep -c json.log; docker rm x-rot

# driver local
docker run --name x-loc --log-driver local busybox sh -c 'echo one; echo two >&2' >/dev/null 2>&1; docker logs x-loc 2>&1 | sort; docker inspect -f '{{.HostConfig.LogConfig}} {{.LogPath}}' x-loc; docker rm x-loc

# attach to one that does not run, to none
docker attach x-l; docker attach x-none; api POST '/containers/x-none/attach?stream=1'

# attach
docker run -d --name x-a busybox sh -c 'sleep 0.5; echo hi; exit 3' >/dev/null; docker attach x-a; echo $?; docker rm x-a

# attach with logs
docker run -d --name x-a busybox sh -c 'echo before; sleep 0.7; echo after' >/dev/null; sleep 0.3; curl -s -X POST --unix-socket $SOCKET 'http://d/containers/x-a/attach?logs=1&stream=1&stdout=1' | tr -d '\000-\011'; docker rm x-a

# the end
docker rm -f x-l
