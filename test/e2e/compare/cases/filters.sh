# containers of all kinds
docker network create l-net >/dev/null; docker create --name l-cr -l a -l b=1 --network l-net -p 18391:80 --expose 90-92/udp busybox >/dev/null; docker run --name l-ex -l a=1 -v l-vol:/v busybox sh -c 'exit 3'; docker run -d --name l-run -l a=1 -l c=x=y -p 127.0.0.1:18392:81/tcp -v "$WORK:/bind" --network l-net --network-alias z busybox sleep 1000 >/dev/null; docker run -d --name l-pa --health-cmd 'true' --health-interval 100s busybox sleep 1000 >/dev/null; docker pause l-pa >/dev/null; docker run --name l-fail busybox nope 2>/dev/null; docker tag busybox l-img:1; docker run -d --name l-net2 --network host l-img:1 sleep 1000 >/dev/null; docker ps -a --format '{{.Names}} {{.Image}} {{.Networks}} {{.Ports}} {{.Mounts}} {{.State}}' | sed "s#$WORK#W#"

# names
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for v in l-cr /l-cr '^l-cr$' '^/l-cr$' 'l-(cr|ex)' 'l-c.' '[' 'L-CR' '' '/' 'none'; do names --filter "name=$v"; done 2>&1

# ids
id=$(docker inspect -f '{{.Id}}' l-run); for n in 4 12 64; do docker ps -a --filter "id=$(echo "$id" | cut -c1-$n)" --format '{{.Names}}'; done; docker ps -a --filter "id=$(echo "$id" | cut -c20-40)" --format '{{.Names}}'; docker ps -a --filter "id=^$id\$" --format '{{.Names}}'; docker ps -aq --filter id=l-run; docker ps -aq --filter id=

# labels
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for v in a a= a=1 b=1 b=2 c c=x c=x=y '=' '' none; do names --filter "label=$v"; done 2>&1; names --filter label=a --filter label=b; names --filter label=a --filter label=c=x=y; names --filter 'label!=a'

# states and exit codes
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for v in created running paused restarting removing exited dead Running '' up; do names --filter "status=$v"; done 2>&1; for v in 0 3 127 128 -1 '' 3.0 x 99999999999999999999; do names --filter "exited=$v"; done 2>&1; names --filter exited=0 --filter exited=3; docker ps --filter status=exited --format '{{.Names}}'; docker ps --filter exited=3 --format '{{.Names}}'

# before and since
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
names --filter before=l-run; names --filter since=l-run; names --filter since=l-ex --filter before=l-pa; names --filter before=l-run --filter before=l-ex; names --filter since=none; names --filter before=; docker ps --filter since=l-ex --format '{{.Names}}'; docker ps --filter before=l-pa --format '{{.Names}}'

# ancestors
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
i=$(docker image inspect -f '{{.Id}}' busybox); names --filter ancestor=busybox; names --filter ancestor=busybox:latest; names --filter ancestor=l-img:1; names --filter ancestor=l-img; for v in "$i" "$(echo "$i" | cut -c1-19)" "$(echo "$i" | cut -c8-19)" none '' 'BAD:::'; do docker ps -a --filter "ancestor=$v" -q | wc -l; done; names --filter ancestor=none --filter ancestor=busybox

# volumes and networks
names() { echo "== $*" | sed "s#$WORK#W#"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for v in l-vol /v /bind "$WORK" l-vo '' none; do names --filter "volume=$v"; done; for v in l-net bridge host none '' l-ne; do names --filter "network=$v"; done; n=$(docker network inspect -f '{{.Id}}' l-net); docker ps -a --filter "network=$n" --format '{{.Names}}'; docker ps -a --filter "network=$(echo "$n" | cut -c1-12)" --format '{{.Names}}'; docker ps -a --filter "network=$(echo "$n" | cut -c1-5)" --format '{{.Names}}'; docker ps -a --filter "volume=l-vol" --filter "volume=/bind" --format '{{.Names}}'

# ports
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for k in publish expose; do for v in 80 81 80/tcp 80/udp 18391 18392 18392/tcp 18390-18393 90/udp 91 91/udp 80-92 90-92/udp 92-90 70000 0 x 80/x '' /tcp 80- -80 0/tcp; do names --filter "$k=$v"; done; done 2>&1; names --filter publish=18392 --filter expose=90/udp; names --filter publish=1 --filter expose=81

# health, isolation, tasks, keys that are none
names() { echo "== $*"; docker ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; echo; }
for v in none starting healthy unhealthy '' Healthy; do names --filter "health=$v"; done 2>&1; for v in default process hyperv ''; do names --filter "isolation=$v"; done 2>&1; for v in true false 1 0 '' x; do names --filter "is-task=$v"; done 2>&1; for k in nope id! Name label! until dangling reference driver scope; do names --filter "$k=x"; done 2>&1; docker ps --filter x; docker ps --filter =x

# limits and sizes
docker ps -n 0 --format '{{.Names}}' | wc -l; docker ps -n 1 --format '{{.Names}}'; docker ps -n 100 -q | wc -l; docker ps -n -1 --format '{{.Names}}' | wc -l; docker ps -n -2; docker ps -n x 2>&1 | head -1; docker ps -n 1 --filter status=exited --format '{{.Names}}'; docker ps -l --filter name=l-ex --format '{{.Names}}'; for q in limit=0 limit=1 limit=-1 limit=-5 limit= limit=1.5 'limit=2&all=0' size=x all=x; do echo "== $q"; curl -s --max-time 20 -w '%{http_code}\n' --unix-socket "$SOCKET" "http://d/containers/json?$q" | grep -o '"Names":\["[^"]*"\|"SizeR[a-zA-Z]*"\|"message".*\|^.*[0-9][0-9][0-9]$' | sed 's/.*\]\([0-9]*\)$/\1/'; done; docker ps -as --filter name=l-ex --format '{{.Size}}' | sed 's/virtual.*/V/'

# filters as the API takes them
for f in '{"name":["l-ex"]}' '{"name":{"l-ex":true}}' '{"name":{"l-ex":false}}' '{"name":[]}' '{"name":{}}' '{}' '[]' 'null' '""' '{"name":"l-ex"}' '{"name":[1]}' '{"status":["exited","created"]}' '{'; do echo "== $f"; curl -s --max-time 20 -w ' %{http_code}\n' --unix-socket "$SOCKET" -G --data-urlencode "filters=$f" --data all=1 http://d/containers/json | grep -o '"Names":\["[^"]*"\|{"message".*\| [0-9]*$'; done

# prune: by time and label
docker create --name l-p1 -l keep busybox >/dev/null; docker create --name l-p2 -l k=v busybox >/dev/null; docker create --name l-p3 busybox >/dev/null; docker rename l-ex l-ex2; docker container prune -f --filter until=1h | head -1; docker container prune -f --filter label=none | tail -1; docker container prune -f --filter label=k=v --filter label=keep | tail -1; docker container prune -f --filter 'label!=keep' --filter label=k | wc -l;  docker ps -a --format '{{.Names}}'; docker container prune -f --filter until=2000-01-01 --filter label=keep | tail -1; docker container prune -f --filter until="$(date -u +%Y-%m-%dT%H:%M:%S -d '+1 minute')" --filter label=keep | wc -l; docker ps -a --format '{{.Names}}'

# prune: values that cannot be
for f in '{"until":["x"]}' '{"until":["1h","2h"]}' '{"until":[""]}' '{"until":["-1h"]}' '{"nope":["1"]}' '{"label":[""]}' '{"status":["exited"]}' '{"until":["1d"]}'; do echo "== $f"; curl -s -X POST --max-time 20 -w ' %{http_code}\n' --unix-socket "$SOCKET" "http://d/containers/prune?filters=$(printf %s "$f" | od -An -tx1 | tr -d '\n' | tr ' ' '%')"; done; docker ps -a --format '{{.Names}}'

# prune: what it tells, what it gives back
docker run --name l-big busybox sh -c 'head -c 100000 /dev/zero >/f'; sleep 0.3; mark; docker container prune -f | tail -1 | sed 's/kB/KB/;s/[0-9.]*KB/N/'; since --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'; since -f event=prune --format '{{.Type}} {{.Action}}'; docker ps -a --format '{{.Names}} {{.State}}'

# links
docker run -d --name l-db -e X=1 --expose 5432 busybox sleep 1000 >/dev/null; docker run --name l-web --link l-db:db --link l-db busybox sh -c 'env | grep -E "^(DB|L_DB)" | sed "s/172[.0-9]*/A/" | sort; grep -c db /etc/hosts'; docker inspect -f '{{range .HostConfig.Links}}{{println .}}{{end}}' l-web | sort; docker ps -a --filter name=db --format '{{.Names}}'; docker rm l-db; docker stop -t 0 l-db; docker start -a l-web 2>&1 | cut -d: -f2; docker rm l-db; docker inspect -f '{{range .HostConfig.Links}}{{println .}}{{end}}' l-web | sort; docker start -a l-web 2>&1 | cut -d: -f2; docker rm l-web; for l in none:x l-run:r :x l-run:a:b l-net2:h ''; do docker run --rm --link "$l" busybox true; done

# links: removed by name, renamed
docker run -d --name l-a busybox sleep 1000 >/dev/null; docker run -d --name l-b --link l-a:x busybox sleep 1000 >/dev/null; docker rm --link l-b/x; docker rm --link l-b/none; docker rename l-a l-c; docker exec l-b sh -c 'grep -c x /etc/hosts'; docker restart -t 0 l-b; docker exec l-b ping -c1 -W1 l-a 2>&1 | grep -c 'bytes from'; docker rm -f l-b l-c

# rename: under load, names
docker run -d --name l-r busybox sleep 1000 >/dev/null; for i in 1 2 3 4 5 6; do docker rename l-r l-r$i 2>/dev/null & done; wait; docker ps --filter 'name=^l-r[1-6]$' -q | wc -l; n=$(docker ps --filter 'name=^l-r[1-6]$' --format '{{.Names}}'); for v in /l-s l-s2/ .x -x _x 'a/b' 'é' "$(printf 'x%.0s' $(seq 300))"; do docker rename "$n" "$v" && n=${v#/}; done 2>&1 | cut -c1-200; docker rm -f $(docker ps -aq --filter status=running) | wc -l

# the end
docker unpause l-pa; docker rm -f $(docker ps -aq) >/dev/null; docker network rm l-net; docker volume rm l-vol; docker rmi l-img:1 >/dev/null; docker ps -aq
