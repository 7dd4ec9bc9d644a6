# containers of all kinds
docker rm -f $(docker ps -aq) >/dev/null 2>&1
docker network create x-net >/dev/null; docker run -d --name x-run -l a=b -p 127.0.0.1:18083:80 --expose 81 -v x-vol:/v busybox sleep 1000 >/dev/null; docker run --name x-ex0 busybox true; docker run --name x-ex3 -l a=c busybox sh -c 'exit 3'; docker create --name x-cr --network x-net busybox >/dev/null; docker run -d --name x-pa busybox sleep 1000 >/dev/null; docker pause x-pa >/dev/null; echo ok

# ps
docker ps --format '{{.Names}} {{.Image}} {{.Command}} {{.State}} {{.Status}} {{.Ports}} {{.Labels}} {{.Mounts}} {{.Networks}} {{.LocalVolumes}} {{.Size}}'

# ps -a
docker ps -a --format '{{.Names}} {{.State}} {{.Status}}'

# ps -n, -l, -q, --no-trunc
docker ps -n 2 --format '{{.Names}}'; docker ps -l --format '{{.Names}}'; docker ps -q | wc -l; docker ps -q --no-trunc | head -1 | wc -c

# ps table
docker ps -a --filter name=x-ex0 | sed 's/  */ /g'

# filters: name
docker ps -a --filter name=x-ex --format '{{.Names}}'; docker ps -a --filter name=^/x-ex0$ --format '{{.Names}}'; docker ps -a --filter 'name=x-(run|cr)' --format '{{.Names}}'

# filters: status
for s in created running paused restarting removing exited dead nope; do docker ps -a --filter status=$s --format "$s {{.Names}}"; done

# filters: exited, label, ancestor
docker ps -a --filter exited=3 --format '{{.Names}}'; docker ps -a --filter label=a --format '{{.Names}}'; docker ps -a --filter label=a=b --format '{{.Names}}'; docker ps -a --filter ancestor=busybox --format '{{.Names}}'; docker ps -a --filter ancestor=busybox:latest -q | wc -l; docker ps -a --filter ancestor=nope -q

# filters: before, since
docker ps -a --filter before=x-ex3 --format '{{.Names}}'; docker ps -a --filter since=x-ex3 --format '{{.Names}}'; docker ps --filter before=x-none

# filters: volume, network, publish, expose
docker ps -a --filter volume=x-vol --format '{{.Names}}'; docker ps -a --filter volume=/v --format '{{.Names}}'; docker ps -a --filter network=x-net --format '{{.Names}}'; docker ps -a --filter network=bridge --format '{{.Names}}'; docker ps -a --filter publish=80 --format '{{.Names}}'; docker ps -a --filter expose=80-81/tcp --format '{{.Names}}'

# filters: health, is-task, id
docker ps -a --filter health=none --format '{{.Names}}'; docker ps -a --filter health=nope; docker ps -a --filter is-task=true -q; docker ps -a --filter id=$(docker inspect -f '{{.Id}}' x-run | cut -c1-10) --format '{{.Names}}'

# filters that are none
docker ps --filter nope=1; docker ps --filter exited=x; docker ps --filter publish=x; api GET '/containers/json?filters=nope'; api GET '/containers/json?filters={"status":["nope"]}'; api GET '/containers/json?limit=x'; api GET '/containers/json?filters={"name":{"x-run":true}}' | sed 's/"Id".*//'

# filters joined
docker ps -a --filter label=a --filter status=exited --format '{{.Names}}'; docker ps -a --filter status=exited --filter status=created --format '{{.Names}}'

# raw list
curl -s --unix-socket $SOCKET -G --data-urlencode 'filters={"name":["^/x-run$"]}' http://d/containers/json | sed 's/"Created":[0-9]*/"Created":N/;s/"IPAddress":"[^"]*"/"IPAddress":"A"/;s/"MacAddress":"[^"]*"/"MacAddress":"M"/'; echo

# raw list with sizes
curl -s --unix-socket $SOCKET -G --data-urlencode 'filters={"name":["^/x-run$"]}' 'http://d/containers/json?size=1' | grep -o '"SizeR[a-zA-Z]*":'

# inspect: by prefix, several, none
docker inspect -f '{{.Name}}' $(docker inspect -f '{{.Id}}' x-run | cut -c1-6); docker inspect -f '{{.Name}}' x-run x-ex0; docker inspect x-none; docker inspect --type image x-run; docker inspect --type container -f '{{.Name}}' x-run

# inspect: size, bad template
docker inspect -s -f '{{.SizeRw}}' x-ex0; docker inspect -f '{{.Nope}}' x-run; docker inspect -f '{{' x-run

# inspect: network settings while it runs
docker inspect -f '{{json .NetworkSettings}}' x-run | sed 's/"IPAddress":"172[^"]*"/"IPAddress":"A"/g;s/"MacAddress":"[^"]*"/"MacAddress":"M"/g;s/"Sandbox[^,]*,//g'

# stats
docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemPerc}}' x-run | sed 's/[0-9.]*%/P/'; docker stats --no-stream x-none; docker stats --no-stream --format '{{.Name}} {{.CPUPerc}}' x-cr

# stats, raw
curl -s --unix-socket $SOCKET 'http://d/containers/x-run/stats?stream=0' | sed 's/:[0-9][0-9.]*/:N/g;s/"eth0":{[^}]*}/"eth0":{}/' | tr ',' '\n' | grep -oE '"[a-z_0-9]+":' | sort -u | grep -vE 'total_|hierarchical|shmem|swap|workingset|"(major|minor|op|value)"'

# stats, bad
api GET '/containers/x-run/stats?stream=1&one-shot=1'; api GET '/containers/x-none/stats?stream=0'; api GET '/containers/x-cr/stats?stream=0' | sed 's/"read":"[^"]*"//' | head -c 200

# the end
docker rm -f x-run x-ex0 x-ex3 x-cr x-pa >/dev/null; docker volume rm x-vol; docker network rm x-net
