# detach keys that are none
docker run -dit --name a-a busybox sh >/dev/null; for k in nope ctrl- 'ctrl-1' 'ctrl-aa' 'a,,b' ',' 'ab' 'ctrl-A' 'ctrl-@' 'ctrl-[' 'ctrl-a,b,ctrl-\' '' 'DEL' 'é'; do echo "== $k"; q=$(printf %s "$k" | od -An -tx1 | tr -d ' \n' | sed 's/../%&/g'); curl -s --max-time 1 -X POST -w '%{http_code}\n' -o "$WORK/out" --unix-socket "$SOCKET" "http://d/containers/a-a/attach?stream=1&stdin=1&stdout=1&detachKeys=$q"; grep -a -o '.*' "$WORK/out" | head -1 | cut -c1-120; api POST "/containers/a-a/exec" '{"Cmd":["true"],"DetachKeys":"'"$k"'"}' | sed 's/"Id":"[^"]*"/Id/'; done; docker rm -f a-a

# to one that is made, has ended, does not run
docker create -i --name a-b busybox cat >/dev/null; docker attach a-b; docker start a-b >/dev/null; echo hi | docker start -ai a-b; until_status a-b exited; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' a-b; docker attach a-b; docker rm -f a-b; for q in 'stream=1&stdout=1' 'logs=1&stdout=1' 'stream=1' ''; do docker run --name a-b busybox echo out >/dev/null; curl -s --max-time 2 -X POST -w '%{http_code} %{content_type}\n' --unix-socket "$SOCKET" "http://d/containers/a-b/attach?$q" | tr -d '\000-\011'; docker rm a-b >/dev/null; done

# to one that is paused, that waits for its next start
docker run -d --name a-c busybox sleep 100 >/dev/null; docker pause a-c >/dev/null; docker attach a-c; api POST '/containers/a-c/attach?stream=1&stdout=1'; docker rm -f a-c; docker run -d --name a-c --restart always busybox sh -c 'exit 3' >/dev/null; until_resting a-c; docker attach a-c; api POST '/containers/a-c/attach?stream=1&stdout=1'; docker rm -f a-c

# many at once hear the same
docker run -di --name a-d busybox sh -c 'read x; echo "got $x"; echo err >&2; exit 4' >/dev/null; for i in 1 2 3 4 5; do (docker attach --no-stdin a-d >"$WORK/$i" 2>&1; echo "$?" >>"$WORK/$i") & done; sleep 1; (echo word; sleep 1) | docker attach a-d >"$WORK/in" 2>&1; echo $?; sort "$WORK/in"; wait; for i in 1 2 3 4 5; do sort "$WORK/$i" | tr '\n' ' '; echo; done; docker rm a-d

# standard input of several
docker run -di --name a-e busybox sh -c 'read a; read b; read c; echo "$a $b $c" | tr " " "\n" | sort | tr "\n" " "' >/dev/null; (echo one; sleep 1) | docker attach a-e >/dev/null 2>&1 & (sleep 0.3; echo two; sleep 1) | docker attach a-e >/dev/null 2>&1 & (sleep 0.6; echo three; sleep 1) | docker attach a-e >/dev/null 2>&1 & wait; docker wait a-e; docker logs a-e; echo; docker rm a-e

# the end of standard input: closes it once, or never
docker create -i --name a-f busybox sh -c 'cat; echo over' >/dev/null; docker inspect -f '{{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.AttachStdin}}' a-f; echo x | docker start -ai a-f; docker rm a-f; docker run -di --name a-f busybox sh -c 'cat; echo over' >/dev/null; docker inspect -f '{{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.AttachStdin}}' a-f; echo x | timeout -s KILL 2 "$CLIENT" attach a-f >/dev/null 2>&1; sleep 0.5; docker inspect -f '{{.State.Status}}' a-f; docker logs a-f; docker rm -f a-f; docker run --name a-f busybox cat </dev/null; echo x | docker attach a-f; docker rm a-f; echo x | docker run --rm -a stdin -i busybox cat | wc -c

# one stream alone, neither
docker run --rm -a stdout busybox sh -c 'echo o; echo e >&2'; docker run --rm -a stderr busybox sh -c 'echo o; echo e >&2'; docker run --rm -a stdout -a stderr busybox sh -c 'echo o; echo e >&2' 2>/dev/null; docker run --rm -a nope busybox true 2>&1 | head -1; docker run --rm -d -a stdout busybox true 2>&1 | head -1

# signals go through, unless they must not
docker run -d --name a-g busybox sh -c 'trap "echo term; exit 9" TERM; while :; do sleep 0.1; done' >/dev/null; "$CLIENT" attach a-g >"$WORK/g" & p=$!; sleep 1; kill -TERM $p; wait $p; echo $?; cat "$WORK/g"; docker start a-g >/dev/null; "$CLIENT" attach --sig-proxy=false a-g >"$WORK/g" & p=$!; sleep 1; kill -TERM $p; sleep 0.5; docker inspect -f '{{.State.Status}}' a-g; kill -KILL $p; docker rm -f a-g

# a restart while attached, a removal
docker run -d --name a-h busybox sh -c 'echo begin; trap "exit 0" TERM; while :; do sleep 0.1; done' >/dev/null; (docker attach a-h; echo "attach $?") & sleep 1; docker restart a-h >/dev/null; wait; (docker attach a-h; echo "attach $?") & sleep 1; docker rm -f a-h >/dev/null; wait

# resize: a terminal, none, values
docker run -dit --name a-i busybox sh >/dev/null; for q in 'h=30&w=100' 'h=0&w=0' 'h=-1&w=1' 'h=1' 'h=99999999999&w=1' 'h=70000&w=1' 'h=1.5&w=1'; do api POST "/containers/a-i/resize?$q"; done; api POST '/containers/a-i/resize?h=33&w=77'; docker exec a-i stty -F /proc/1/fd/0 size; docker stop -t 0 a-i; api POST '/containers/a-i/resize?h=1&w=1'; docker start a-i >/dev/null; docker pause a-i >/dev/null; api POST '/containers/a-i/resize?h=34&w=78'; docker rm -f a-i; api POST '/containers/a-none/resize?h=1&w=1'

# the end
docker rm -f $(docker ps -aq) 2>/dev/null; docker ps -aq
