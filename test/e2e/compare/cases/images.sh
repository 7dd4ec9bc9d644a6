# list
docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}' busybox; docker images -q busybox | wc -c; docker images --digests --format '{{.Digest}}' busybox; docker images nope

# raw list
curl -s --unix-socket $SOCKET -G --data-urlencode 'filters={"reference":["busybox"]}' 'http://d/images/json' | sed 's/"Created":[0-9]*/"Created":N/;s/"Size":[0-9]*/"Size":N/'; echo

# inspect: keys and config
docker image inspect busybox | sed 's/^\( *"[A-Za-z0-9]*"\):.*/\1/' | grep '"' | sort -u; docker image inspect -f '{{json .Config}} {{.Os}} {{.Architecture}} {{json .RepoTags}} {{json .RepoDigests}} {{.Comment}} {{.RootFS.Type}} {{len .RootFS.Layers}}' busybox

# inspect of none, of a bad name
docker image inspect nope; docker image inspect UPPER; docker inspect --type image nope; api GET /images/nope/json; api GET /images/UPPER/json; api GET '/images/busybox@sha256:abc/json'

# tag
docker tag busybox x-a; docker tag busybox x-a:v1; docker tag busybox localhost:5000/x/y:z; docker images --format '{{.Repository}}:{{.Tag}}' | grep x | sort; docker tag nope x; docker tag busybox UPPER; docker tag busybox 'x:bad tag'; docker tag busybox x-a@sha256:abc; api POST '/images/busybox/tag?repo=x-b&tag=t'; docker rmi x-b:t

# history
docker history --no-trunc --format '{{.CreatedBy}}|{{.Size}}|{{.Comment}}' busybox; docker history nope

# untag, remove
docker rmi x-a; docker rmi x-a:v1 localhost:5000/x/y:z; docker rmi nope; api DELETE /images/nope; api DELETE /images/UPPER

# remove one that is used
docker run --name x-u busybox true; docker rmi busybox 2>&1 | sed 's/container [0-9a-f]*/container C/'; docker tag busybox x-k; docker rmi x-k; docker rm x-u; docker tag busybox x-kk; docker run -d --name x-u x-kk sleep 100 >/dev/null; docker rmi -f x-kk 2>&1 | sed 's/container [0-9a-f]*/container C/'; docker rm -f x-u; docker images -q x-kk | wc -l

# remove by id with several names
docker tag busybox x-a; docker rmi $(docker images -q x-a) 2>&1 | sed 's/image [0-9a-f]*/image I/'; docker rmi x-a

# import, with changes
tar c -C /etc hostname | docker import -c 'CMD ["a"]' -c 'ENV X=1' -c 'LABEL q=w' -m words - x-i:1 | cut -c1-7; docker image inspect -f '{{json .Config}} {{.Comment}}' x-i:1; docker history --format '{{.Comment}} {{.CreatedBy}}' x-i:1; echo garbage | docker import - x-g 2>&1 | cut -c1-60; tar c -C /etc hostname | docker import -c 'RUN x' - x-g; tar c -C /etc hostname | docker import - UPPER; docker import /nope x-g

# save and load
docker save x-i:1 -o s.tar; tar tf s.tar | grep -vE 'blobs' | sort; docker rmi x-i:1 >/dev/null; docker load -i s.tar; docker image inspect -f '{{.Comment}}' x-i:1; docker load -q -i s.tar; docker save nope; docker save | head -c 10; echo garbage | docker load; docker load -i /nope; docker save -o /nope/x x-i:1

# save by id loses the name
docker save $(docker images -q x-i:1) -o t.tar; docker rmi x-i:1 >/dev/null; docker load -i t.tar | sed 's/sha256.*//' ; docker images -q --filter dangling=true | wc -l; docker image prune -f | grep -c deleted

# prune
docker image prune -f --filter nope=1; docker image prune -f --filter dangling=maybe; docker image prune -f --filter until=nope; docker image prune -f --filter label=nope | tail -1

# filters
docker images --filter nope=1; docker images --filter dangling=maybe; docker images --filter before=nope; docker images --filter since=nope; docker images --filter reference='busy*' --format '{{.Repository}}'; docker images --filter label=nope -q; docker images --filter until=nope

# pull: bad names, no registry
docker pull UPPER; docker pull 127.0.0.1:1/x 2>&1 | sed 's/dial tcp.*//;s/127.0.0.1:1.*//' | tail -1; api POST '/images/create?fromImage=UPPER'; docker pull x@sha256:abc; docker pull 'a b'

# push: none, no registry
docker push nope; docker push 127.0.0.1:1/nope; docker tag busybox 127.0.0.1:1/x; docker push 127.0.0.1:1/x 2>&1 | sed 's/dial tcp.*//;s/failed.*//' | tail -1 | cut -c1-40; docker rmi 127.0.0.1:1/x; api POST /images/nope/push; api POST /images/UPPER/push

# events of images
mark; docker tag busybox x-e; tar c -C /etc hostname | docker import - x-e2 >/dev/null; docker save x-e2 >/dev/null; docker save x-e2 | docker load >/dev/null; docker rmi x-e x-e2 >/dev/null; since --filter type=image

# commit and history
docker run --name x-c busybox sh -c 'echo 1 >/1'; docker commit -m one x-c x-c1 >/dev/null; docker history --format '{{.CreatedBy}}|{{.Size}}|{{.Comment}}' x-c1; docker rm x-c >/dev/null; docker image inspect -f '{{.Parent}}' x-c1; docker rmi x-c1 | wc -l

# platforms
docker save --platform linux/s390x busybox 2>&1 >/dev/null | cut -c1-200; docker save --platform linux/amd64 busybox | tar t | grep -c index.json; docker history --platform linux/s390x busybox; docker history -q --platform linux/amd64 busybox | wc -l; docker image inspect --platform linux/amd64 -f '{{.Architecture}}' busybox; docker image inspect --platform linux/s390x busybox; docker push --platform linux/s390x 127.0.0.1:1/none; docker pull --platform not/a/real/one x; docker pull --platform 'a b' x; docker run --rm --pull never --platform linux/s390x busybox true

# platforms, raw
api GET '/images/busybox/json?platform=nope'; api GET '/images/busybox/history?platform=%7B%7D'; api GET '/images/busybox/get?platform=x'; api POST '/images/load?platform=x'; api DELETE '/images/busybox?platforms=x'; api POST '/images/create?fromImage=busybox&platform=a/b/c/d'; api POST '/images/busybox/push?platform=x'

# commit, raw
docker create --name x-c busybox >/dev/null; api POST '/commit?container=nope'; api POST '/commit?container=x-c&repo=UPPER'; api POST '/commit?container=x-c&changes=NOPE%20x'; api POST '/commit?container=x-c&repo=x-c2&tag=1&comment=c&author=a' '{"Env":["A=1"]}' | sed 's/"Id":"[^"]*"/"Id":"I"/'; docker image inspect -f '{{.Comment}} {{.Author}} {{json .Config.Env}}' x-c2:1; docker rmi x-c2:1 >/dev/null; docker rm x-c

# search, distribution, login: what can be told without a network
api GET '/images/search?term=x&limit=101'; api GET '/images/search?term=http://x'; api GET "/distribution/$(printf %064d 0)/json"; api GET '/distribution/UPPER/json'; api POST /auth '{"serveraddress":"127.0.0.1:1","username":"a","password":"b"}' | sed 's/dial tcp.*//;s/Get .*//'
