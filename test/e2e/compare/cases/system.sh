# ping
api GET /_ping; api HEAD /_ping | head -1; curl -s -D - -o /dev/null --unix-socket $SOCKET http://d/_ping | tr -d '\r' | grep -iE '^(http|api|cache|content-type|docker|ostype|pragma|server|swarm|builder)' | sed 's/Docker.28[^ ]*/Docker\/28/;s/^Builder-Version:.*/Builder-Version: N/' | sort

# versions of the API
api GET /v1.24/_ping; api GET /v1.23/info; api GET /v1.99/info | tail -2; api GET /v1.52/_ping; api GET /vx/info

# unknown paths, unknown methods
api GET /nope; api POST /v1.51/nope; api DELETE /info; api PUT /containers/json

# version
curl -s --unix-socket $SOCKET http://d/version | tr ',' '\n' | grep -oE '"[A-Za-z]+":' | sort -u

# info: fields
curl -s --unix-socket $SOCKET http://d/info | tr ',{' '\n\n' | grep -oE '^"[A-Za-z0-9]+":' | sort -u | grep -vE 'Address|FirewallBackend|Containerd|runc|Namespaces|Plugins|ContainersD|^"(crun|io)'

# info: values
docker info -f '{{.Driver}} {{.CgroupDriver}} {{.CgroupVersion}} {{.OSType}} {{.Architecture}} {{.NCPU}} {{.LoggingDriver}} {{.SecurityOptions}} {{json .Swarm.LocalNodeState}} {{.LiveRestoreEnabled}} {{.Debug}} {{json .Plugins}} {{.MemoryLimit}} {{.SwapLimit}} {{.IndexServerAddress}} {{.Isolation}} {{.HttpProxy}} {{json .Labels}} {{.ExperimentalBuild}}' | sed 's/true \({"V/D \1/'

# events: bad filters, bad times
docker events --since nope; docker events --filter nope=1 --since 0 --until 1; api GET '/events?since=abc'; api GET '/events?since=5&until=1'; api GET '/events?filters=nope'

# events: formats
mark; docker create --name x-e busybox >/dev/null; docker rm x-e >/dev/null; docker events --since "$(cat mark)" --until "$(date +%s.%N)" | sed 's/.* container/container/' ; docker events --since "$(cat mark)" --until "$(date +%s.%N)" --format json | sed 's/"time.*//;s/"id":"[^"]*"/"id"/g'

# events: filters
mark; docker create --name x-e -l a=b busybox >/dev/null; docker network create x-n >/dev/null; docker volume create x-v >/dev/null; docker tag busybox x-t:1; docker rm x-e >/dev/null; docker network rm x-n >/dev/null; docker volume rm x-v >/dev/null; docker rmi x-t:1 >/dev/null; since; echo; since --filter type=network; echo; since --filter event=create; echo; since --filter container=x-e --filter event=destroy; echo; since --filter label=a=b; echo; since --filter image=x-t:1; since --filter volume=x-v; since --filter network=x-n; since --filter scope=swarm; since --filter type=nope

# df
docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}}' | head -3; curl -s --unix-socket $SOCKET http://d/system/df | tr ',{' '\n\n' | grep -oE '^"[A-Za-z]+":' | sort -u | head -40; api GET '/system/df?type=nope'; curl -s --unix-socket $SOCKET 'http://d/system/df?type=volume' | head -c 60

# auth
api POST /auth '{"username":"a","password":"b","serveraddress":"127.0.0.1:1"}' | sed 's/dial tcp.*//'; api POST /auth '{}' | head -1

# swarm, plugins, secrets
for p in /swarm /nodes /services /tasks /secrets /configs; do api GET $p; done; api GET /plugins; api POST /swarm/leave; api GET /swarm/unlockkey; docker swarm ca; docker node ls; docker service ls; docker stack ls; docker secret ls; docker config ls

# plugins
docker plugin ls; docker plugin inspect nope; docker plugin rm nope; docker plugin enable nope; docker plugin disable nope

# checkpoints
docker create --name x-c busybox >/dev/null; docker checkpoint ls x-c 2>&1 | tail -1; docker rm x-c

# distribution of an image on a registry that is not there
api GET /distribution/127.0.0.1:1/x/json | sed 's/"Get.*//;s/failed.*//'

# search without the net
docker search nope 2>&1 | sed 's/: Get.*//;s/dial.*//' | head -c 60
