# somewhere for datagrams to go
docker run -d --name f-sink -p 127.0.0.1:18591:5/udp busybox sleep 1000 | wc -l

# remote drivers: the copy kept here is followed until the end
for d in 'gelf --log-opt gelf-address=udp://127.0.0.1:18591' 'syslog --log-opt syslog-address=udp://127.0.0.1:18591' 'fluentd --log-opt fluentd-async=true --log-opt fluentd-address=127.0.0.1:5'; do docker run -d --name f-a --log-driver $d busybox sh -c 'echo a; echo b; sleep 1.5; echo c; printf d' >/dev/null; until_ok sh -c "$CLIENT logs f-a | grep -q b"; docker logs -f f-a | od -c; docker logs --tail 1 f-a; docker logs -f --tail 2 f-a; echo; docker inspect -f '{{.LogPath}}' f-a; docker rm -f f-a; done

# remote drivers: both streams, times, details
docker run --name f-b -l x=y --log-driver gelf --log-opt gelf-address=udp://127.0.0.1:18591 --log-opt labels=x busybox sh -c 'echo a; sleep 0.2; echo b >&2' >/dev/null 2>&1; docker logs f-b 2>/dev/null; docker logs f-b 2>&1 >/dev/null; docker logs -t f-b 2>&1; docker logs --details f-b; docker rm f-b

# remote drivers: follow with a tail, a beginning and an end
docker run -d --name f-c --log-driver gelf --log-opt gelf-address=udp://127.0.0.1:18591 busybox sh -c 'echo a; echo b; sleep 4; echo c; sleep 1; echo d' >/dev/null; until_ok sh -c "$CLIENT logs f-c | grep -q b"; docker logs --until 1h f-c; docker logs -f --tail 1 f-c; docker logs -f --since 1h --tail 3 f-c; docker logs --since 1h --until 1m f-c; docker rm -f f-c

# remote drivers: a follower over restarts
docker run -d --name f-d --log-driver gelf --log-opt gelf-address=udp://127.0.0.1:18591 busybox sh -c 'echo begin; trap "echo end; exit 0" TERM; while :; do sleep 0.1; done' >/dev/null; (sleep 1; docker restart f-d >/dev/null; sleep 1; docker stop f-d >/dev/null) & docker logs -f f-d; wait; docker logs f-d | wc -l; docker rm f-d

# a follower over restarts
docker run -d --name f-e busybox sh -c 'echo begin; trap "echo end; exit 0" TERM; while :; do sleep 0.1; done' >/dev/null; (sleep 1; docker restart f-e >/dev/null; sleep 1; docker stop f-e >/dev/null) & docker logs -f f-e; wait; docker logs f-e | wc -l; docker rm f-e

# a follower over the starts of a policy
docker run -d --name f-f --restart on-failure:2 busybox sh -c 'echo begin; sleep 0.5; exit 3' >/dev/null; docker logs -f f-f; until_status f-f exited; docker logs f-f | wc -l; docker rm f-f

# a follower when the container is removed
docker run -d --name f-g busybox sh -c 'echo begin; sleep 100' >/dev/null; (sleep 1; docker rm -f f-g >/dev/null) & docker logs -f f-g; echo $?; wait

# a follower of one made but not started
docker create --name f-h busybox echo x >/dev/null; (sleep 1; docker start f-h) & timeout 3 "$CLIENT" logs -f f-h; echo $?; wait; docker logs f-h; docker rm f-h

# a follower of a paused one
docker run -d --name f-i busybox sh -c 'echo a; sleep 100' >/dev/null; until_ok sh -c "$CLIENT logs f-i | grep -q a"; docker pause f-i >/dev/null; timeout 1 "$CLIENT" logs -f f-i; echo $?; docker rm -f f-i

# times of logs
docker run --name f-j busybox sh -c 'echo a; sleep 1.1; echo b' >/dev/null; t=$(docker logs -t --tail 1 f-j | cut -d' ' -f1); docker logs --since "$t" f-j; docker logs --until "$t" f-j; docker logs --since "$(date -d "$t" +%s)" f-j; docker logs --since "$(date -d "$t" +%s.%N)" f-j; docker logs --since 1.5h f-j; docker logs --since 1h10m5s f-j; docker logs --since -1h f-j; docker logs --since 2030-01-01T00:00:00Z f-j; docker logs --since 2030-01-01 f-j; docker logs --until 2020-01-01T10:00 f-j; docker logs --since 2020-01-01T f-j; docker logs --since 1d f-j; docker logs --since '' f-j; docker logs --until 0 f-j; for s in 1e3 -5 5.x .5 9999999999 '1%202' 18446744073709551616; do api GET "/containers/f-j/logs?stdout=1&since=$s" | tr -d '\000-\011'; api GET "/containers/f-j/logs?stdout=1&until=$s" | tr -d '\000-\011'; done

# tails
docker run --name f-k busybox sh -c 'echo a; echo b; printf c' >/dev/null; for n in 0 1 2 3 all ALL -1 -0 +1 1.5 x '' 99999999999999999999; do echo "== $n"; docker logs --tail "$n" f-k; echo; done; docker rm f-j f-k

# streams and options that are not values
docker run --name f-l busybox sh -c 'echo a' >/dev/null; for q in stdout=0 stdout=yes 'stdout=1&timestamps=nope' 'stdout=false&stderr=true' 'stdout=1&details=1' 'stdout=1&follow=0' 'stdout=&stderr='; do api GET "/containers/f-l/logs?$q" | tr -d '\000-\011'; done; docker rm f-l

# details: several attributes, none, odd characters
docker run --name f-m -l one=1 -l 'two=a b,c=d' -e E='x y' -e EMPTY= --log-opt labels=two,one,nope --log-opt env=E,EMPTY busybox echo x; docker logs --details f-m; docker logs --details -t f-m; docker rm f-m; docker run --name f-m busybox echo x; docker logs --details f-m; docker rm f-m

# lines over 16 KB with times
docker run --name f-n busybox sh -c 'head -c 16384 /dev/zero | tr "\0" a; echo; head -c 16385 /dev/zero | tr "\0" b; echo; echo; printf "\n\n"' >/dev/null; docker logs -t f-n | cut -c31-34; docker logs -t f-n | wc; docker logs --tail 4 f-n | wc; docker logs --tail 3 f-n | cut -c1-3; docker rm f-n

# none: every way to ask
docker run -d --name f-o --log-driver none busybox sleep 100 >/dev/null; docker logs f-o; docker logs -f f-o; docker inspect -f '{{.LogPath}}|{{json .HostConfig.LogConfig}}' f-o; api GET '/containers/f-o/logs?stdout=1'; docker rm -f f-o

# drivers that are none
docker run --rm --log-driver nope busybox true; docker create --log-driver journald --log-opt nope=1 busybox; docker create --log-driver none --log-opt nope=1 --name f-p busybox >/dev/null; docker rm f-p; docker create --log-opt mode=nope busybox; docker create --log-driver local --log-opt labels=a busybox; docker create --log-driver json-file --log-opt nope=1 busybox

# binary output and carriage returns
docker run --name f-q busybox sh -c 'printf "a\rb\n\000\001\377z\n\303\050\n"' >/dev/null; docker logs f-q | od -c; docker rm f-q

# the end
docker rm -f $(docker ps -aq) 2>/dev/null; docker ps -aq
