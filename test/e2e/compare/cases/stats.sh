# stats: what the client shows
docker run -d --name t-a -m 64m --pids-limit 30 busybox sh -c 'while :; do sleep 0.05; done' >/dev/null; docker run -d --name t-b --network none busybox sleep 1000 >/dev/null; docker create --name t-c busybox >/dev/null; docker run -d --name t-h --network host busybox sleep 1000 >/dev/null; docker stats --no-stream --format '{{.Container}} {{.ID}}' t-b; docker stats --no-stream --no-trunc --format '{{.ID}}' t-b | wc -c; docker stats --no-stream --format '{{.Name}}' | sort; docker stats --no-stream -a --format '{{.Name}}' | sort; docker stats --no-stream t-a t-none; docker stats --no-stream t-none; docker stats --no-stream --format '{{.Nope}}' t-a

# stats: one that does not run, one that ends, one that is removed, one that starts
shape() { sed 's/"[0-9-]*T[0-9:.]*Z"/"T"/g;s/"id":"[^"]*"/"id"/'; }
curl -s --unix-socket "$SOCKET" 'http://d/containers/t-c/stats?stream=0' | shape; echo; curl -s --unix-socket "$SOCKET" 'http://d/containers/t-c/stats?stream=0&one-shot=1' | shape; echo; curl -s --max-time 1.5 --unix-socket "$SOCKET" 'http://d/containers/t-c/stats' | head -1 | shape; echo; docker run -d --name t-d busybox sleep 1.2 >/dev/null; curl -s --max-time 6 --unix-socket "$SOCKET" 'http://d/containers/t-d/stats' | tail -1 | shape | cut -c1-50; echo; (sleep 1.2; docker rm -f t-d >/dev/null) & curl -s --max-time 5 -o /dev/null -w '%{http_code}\n' --unix-socket "$SOCKET" 'http://d/containers/t-d/stats'; wait

# stats: a paused one; queries
docker pause t-b >/dev/null; docker stats --no-stream --format '{{.Name}}' t-b; docker unpause t-b >/dev/null; for q in 'stream=1&one-shot=1' 'stream=x&one-shot=x'; do curl -s --max-time 3 -o "$WORK/s" -w '%{http_code} %{content_type}\n' --unix-socket "$SOCKET" "http://d/containers/t-b/stats?$q"; head -c 60 "$WORK/s" | grep message; done; api GET '/containers/t-none/stats?stream=0'

# top: arguments
for a in '' aux -ef '-o pid,args' '-o args,pid' 'o pid' '-o pid= -o args=' '-C sleep -o pid,comm' '-p 1' -z -- 'x' '-o pid,nope' '-o ppid' '-e -o pid,user,comm --no-headers' '--sort=-pid -eo pid,comm' '-eo pid,comm;id' '$(id)' '-H -eo pid,comm' '-efww'; do echo "== $a"; docker top t-b $a 2>&1 | sed 's/[0-9][0-9]*/N/g;s/  */ /g' | head -4; done; api GET '/containers/t-b/top?ps_args=-o+pid,comm' | sed 's/"[0-9]*"/N/'; api GET '/containers/t-b/top' | sed 's/"[0-9][0-9:]*"/N/g;s/"[A-Z][a-z][a-z][0-9]*"/N/'; api GET '/containers/t-b/top?ps_args=-o+comm'; api GET '/containers/t-c/top'; api GET '/containers/t-none/top'

# top: its event, several processes
docker run -d --name t-e busybox sh -c 'sleep 1001 & sleep 1002 & wait' >/dev/null; sleep 0.3; mark; docker top t-e -o pid,args | sed 's/^[0-9 ]*//' | sort; since -f container=t-e; docker rm -f t-e

# events: times and filters
docker rm -f t-a >/dev/null; mark; docker create --name t-f -l a=b -l c=d busybox true >/dev/null; docker start -a t-f; docker rm t-f >/dev/null; e=$(date +%s.%N); ev() { echo "== $*"; docker events --since "$(cat "$WORK/mark")" --until "$e" --format '{{.Type}} {{.Action}}' "$@" 2>&1; }; ev -f container=t-f | grep -v network; ev -f type=container; ev -f event=die; ev -f event=start -f event=die; ev -f label=a; ev -f label=a=b -f label=c; ev -f label=a=x; ev -f image=busybox; ev -f image=busybox:latest; ev -f image=nope; ev -f daemon=x; ev -f scope=local | wc -l; ev -f node=x; ev -f service=x; ev -f plugin=x; ev -f nope=x | grep -v network; ev -f container=t-; ev -f type=nope; ev -f event=nope; ev -f event=die -f container=t-f -f type=network; docker events --since 10m --until 0s -f container=t-none; docker events --since x; docker events --since 5 --until x; docker events --since 5 --until 4; docker events --until 1s -f container=t-none; docker events --since 2020-01-01 --until 2020-01-02

# events: every action of a container, in order, and their attributes
docker run -d --name t-g --health-cmd true --health-interval 60s busybox sleep 1000 >/dev/null; mark; docker exec t-g true; docker exec -d t-g sleep 0.1; docker cp -q t-g:/etc/passwd - >/dev/null; docker cp -q "$(command -v sh)" t-g:/tmp/x; docker commit -q t-g t-img >/dev/null; docker export t-g | wc -c | sed 's/..*/N/'; docker update --cpu-shares 512 t-g >/dev/null; docker diff t-g >/dev/null; docker logs t-g; docker top t-g >/dev/null; api POST '/containers/t-g/resize?h=1&w=2' | head -1; docker attach --no-stdin t-g & sleep 0.5; kill $!; docker network disconnect bridge t-g; docker network connect bridge t-g; docker rename t-g t-i; docker stop -t 0 t-i >/dev/null; docker start t-i >/dev/null; docker kill t-i >/dev/null; docker rm -v t-i >/dev/null; docker rmi t-img >/dev/null; sleep 0.5; since | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/;s/"execID":"[0-9a-f]*"/"execID":"E"/;s/"imageID":"[^"]*"/I/;s/sha256:[0-9a-f]*/S/' | grep -vE '(exec_die|disconnect| stop | die )'

# events of networks and volumes with a container
mark; docker network create t-net >/dev/null; docker run -d --name t-j --network t-net -v t-vol:/v -v /anon busybox sleep 1000 >/dev/null; docker network connect bridge t-j; docker rm -fv t-j >/dev/null; docker network rm t-net >/dev/null; docker volume rm t-vol >/dev/null; sleep 0.3; since | sed 's/"execDuration":"[0-9]*"/"execDuration":"N"/' | sort

# the end
docker rm -f $(docker ps -aq) >/dev/null; docker volume prune -af >/dev/null; docker ps -aq
