# create, inspect
docker volume create --label a=b x-v1; docker volume inspect x-v1 | sed 's/"CreatedAt".*//'; docker volume create | wc -c; docker volume create x-v1; docker volume create -d nope x-v2; docker volume create 'a b'; docker volume create a; docker volume create ''

# options
docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,uid=7 x-t; docker volume inspect -f '{{json .Options}}' x-t; docker run --rm -v x-t:/t busybox sh -c "stat -c %u /t; df -k /t | awk 'NR==2{print \$2}'"; docker volume create -o nope=1 x-v2; docker volume create -o type=tmpfs x-v2; docker volume create -o device=/tmp x-v2; docker volume create -o o=bind -o type=none -o device=/nope/x x-b; docker run --rm -v x-b:/b busybox true 2>&1 | sed "s/'.*volumes.*_data/V/"; docker volume rm x-t x-b

# same name, other options
docker volume create -o type=tmpfs -o device=tmpfs x-v1; docker volume create -d local x-v1; docker volume inspect -f '{{json .Labels}}' x-v1

# list
docker volume ls --format '{{.Name}} {{.Driver}} {{.Labels}}' | grep x-; docker volume ls -q --filter name=x-v; docker volume ls -q --filter label=a=b; docker volume ls -q --filter driver=local | grep -c x-; docker volume ls --filter nope=1; docker volume ls -q --filter dangling=maybe; docker volume ls -q --filter dangling=true | grep x-

# remove: none, in use
docker volume rm x-none; docker volume rm -f x-none; docker create --name x-c -v x-v1:/v busybox >/dev/null; docker volume rm x-v1; docker volume rm -f x-v1; docker volume ls -q --filter dangling=false | grep x-; docker rm x-c; docker volume inspect x-none; api DELETE /volumes/x-none; api GET /volumes/x-none; api POST /volumes/create 'nope'; api POST /volumes/create '{"Name":5}'

# shared by two
docker run --rm -v x-v1:/a busybox sh -c 'echo shared >/a/f'; docker run --rm -v x-v1:/b:ro busybox sh -c 'cat /b/f; touch /b/x'; docker run --rm --mount source=x-v1,target=/c,readonly busybox touch /c/x

# subpath
docker run --rm -v x-v1:/a busybox mkdir -p /a/sub; docker run --rm --mount type=volume,source=x-v1,target=/s,volume-subpath=sub busybox sh -c 'touch /s/in; ls /s'; docker run --rm -v x-v1:/a busybox ls /a/sub; docker run --rm --mount type=volume,source=x-v1,target=/s,volume-subpath=nope busybox true 2>&1 | sed 's/ATA.*//;s/\/var.*_data/V/'; docker create --mount type=volume,source=x-v1,target=/s,volume-subpath=../x busybox; docker create --mount type=volume,source=x-v1,target=/s,volume-subpath=/x busybox

# copy-up with owners and modes
docker run --rm -v x-v2:/tmp busybox stat -c '%a' /tmp; docker run --rm -v x-v2:/data busybox ls /data; docker volume rm x-v2; docker run --rm -v x-v2:/etc busybox cat /etc/passwd; docker volume rm x-v2

# binds: propagation, nested, file
mkdir -p bd/in; echo f >bd/file; docker run --rm -v $WORK/bd:/b -v x-v1:/b/in busybox ls /b/in; docker run --rm -v $WORK/bd/file:/f:ro busybox sh -c 'cat /f; echo x >/f'; docker run --rm -v $WORK/bd:/b:rshared busybox true 2>&1 | sed 's/path .*is/path P is/' | head -1; docker run --rm --mount type=bind,source=$WORK/bd,target=/b,bind-nonrecursive busybox ls /b; docker run --rm -v $WORK/bd/file:/dir/ busybox cat /dir

# bind over a directory of the image with a file
docker run --rm -v $WORK/bd/file:/etc busybox true 2>&1 | cut -c1-60

# image mount
docker run --rm --mount type=image,source=busybox,target=/i busybox cat /i/data/file; docker run --rm --mount type=image,source=x-none,target=/i busybox true 2>&1 | head -1; docker run --rm --mount type=image,source=busybox,target=/i,image-subpath=data busybox cat /i/file

# tmpfs
docker run --rm --mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700 busybox sh -c "df -k /t | awk 'NR==2{print \$2}'; stat -c %a /t"; docker create --mount type=tmpfs,target=/t,tmpfs-size=-1 busybox

# events
mark; docker volume create x-e >/dev/null; docker run --rm --name x-ec -v x-e:/v busybox true; docker volume rm x-e >/dev/null; sleep 0.3; since --filter type=volume

# prune
docker volume create x-p >/dev/null; docker create --name x-c -v /anon busybox >/dev/null; docker rm x-c >/dev/null; docker volume prune -f | grep -c x-p; docker volume prune -f --filter nope=1; docker volume prune -af --filter label=none | tail -1; docker volume prune -af | grep x-p

# drivers of mounts
docker create --pull never --mount type=volume,target=/v,volume-driver=nope busybox; docker create --pull never --volume-driver nope -v x-d:/v busybox; docker run --rm --mount type=volume,source=x-m1,target=/v,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=a=b busybox df /v | tail -1 | awk '{print $1}'; docker volume inspect -f '{{json .Options}} {{json .Labels}}' x-m1; docker volume rm x-m1

# mounts that make no sense
docker create --mount type=bind,source=/nope/x,target=/b busybox; docker create --mount type=volume,source=x-v1,target=/ busybox; docker create --mount type=nope,target=/b busybox; docker create --mount type=bind,source=rel,target=/b busybox; docker create --mount type=volume,source=a/b,target=/b busybox; docker create -v a/b:/c busybox; docker create -v x-v1:rel busybox; docker create -v x-v1:/a:nope busybox; docker create --name x-tw -v x-v1:/a -v x-v1:/a busybox | wc -c; docker rm x-tw; docker create -v /:/ busybox; docker create -v x-v1:/a:ro,rw busybox; docker create --mount type=bind,source=/tmp,target=/b,bind-propagation=nope busybox; docker create --name x-tn --tmpfs /t:nope busybox | wc -c; docker rm x-tn; docker create --tmpfs rel busybox; api POST '/containers/create?name=x-bad' '{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"volume","Target":"/v","BindOptions":{}}]}}'; api POST '/containers/create?name=x-bad' '{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"cluster","Source":"x","Target":"/v"}]}}'; api POST '/containers/create?name=x-bad' '{"Image":"busybox","HostConfig":{"Mounts":[{"Type":"tmpfs","Source":"x","Target":"/v"}]}}'

# volumes-from
docker create --name x-vf -v x-v1:/a -v /anon busybox >/dev/null; docker run --rm --volumes-from x-vf busybox sh -c 'touch /a/from; ls -d /anon'; docker run --rm --volumes-from x-vf:ro busybox touch /a/x; docker run --rm --volumes-from x-none busybox true 2>&1 | head -1; docker run --rm --volumes-from x-vf:nope busybox true; docker inspect -f '{{len .Mounts}}' x-vf; docker rm -v x-vf

# inspect of mounts
docker create --name x-im -v x-v1:/a:ro --mount type=tmpfs,target=/t --mount type=bind,source=/tmp,target=/b,readonly --mount type=volume,source=x-v1,target=/c,volume-nocopy busybox >/dev/null; docker inspect -f '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}} {{json .Mode}} {{.RW}} {{json .Propagation}}{{println}}{{end}}' x-im | sort; docker inspect -f '{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}}' x-im; docker rm x-im

# read-only and what lies below
mkdir -p ro/in; docker run --rm --mount type=bind,source=$WORK/ro,target=/r,readonly busybox touch /r/x; docker run --rm --mount type=bind,source=$WORK/ro,target=/r,bind-recursive=writable busybox true; docker create --mount type=bind,source=$WORK/ro,target=/r,bind-recursive=nope busybox; docker run --rm --mount type=bind,source=$WORK/ro,target=/r,readonly,bind-recursive=readonly,bind-propagation=rprivate busybox touch /r/in/x; docker run --rm -v $WORK/made/by/engine:/m busybox ls -d /m; ls -d made/by/engine; api POST '/containers/create?name=x-cm' "{\"Image\":\"busybox\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"$WORK/not/there\",\"Target\":\"/v\"}]}}"

# bodies that no client sends
api POST /volumes/create '{"Labels":["a"]}'; api POST /volumes/create '{"DriverOpts":"x"}'; api GET '/volumes?filters=nope'; api POST '/volumes/prune?filters=nope'; api DELETE '/volumes/x-none?force=1'; api DELETE '/volumes/x-none?force=maybe'; api PUT /volumes/x-v1 '{}'

# names
docker volume create ..; docker volume create a..b; docker volume create -x 2>&1 | head -1; docker volume create x.y_z-1; docker volume rm x.y_z-1 a..b; docker volume create "$(printf 'a%.0s' $(seq 300))" 2>&1 | sed 's/a\{50,\}/AAA/g;s/mkdir .*AAA/mkdir AAA/'

# usage
docker volume create x-us >/dev/null; docker run --rm -v x-us:/u busybox sh -c 'head -c 5000 /dev/zero >/u/f'; docker system df -v --format '{{range .Volumes}}{{if eq .Name "x-us"}}{{.Size}} {{.Links}}{{end}}{{end}}'; docker volume ls --format '{{.Name}} {{.Size}} {{.Links}} {{.Mountpoint}} {{.Scope}}' --filter name=x-us | sed 's#/[^ ]*/volumes#R#'; docker volume rm x-us

# file systems of the network
for o in "type=nfs device=:/srv o=addr=localhost,rw" "type=cifs device=//localhost/s o=username=u,password=secret" "type=none device=/etc/hostname o=bind" "type=tmpfs device=tmpfs o=size=nope"; do docker volume create $(printf -- '-o %s ' $o) x-n; docker run --rm -v x-n:/x busybox true 2>&1 | head -1 | sed 's#/[^ :]*_data#V#g; s/: [a-z ]*$//'; docker volume rm x-n; done

# tmpfs and another mount at one place
for m in type=volume,src=x-tm,dst=/data type=bind,src=/etc,dst=/data type=tmpfs,dst=/data,tmpfs-size=2m; do docker run --rm --tmpfs /data:size=1m --mount $m busybox sh -c 'grep " /data " /proc/mounts | tail -1 | cut -d" " -f1,2,4'; done; docker run --rm --tmpfs /data -v x-tm:/data busybox true; docker volume rm x-tm

# mounts in odd words
docker run --rm --mount type=cluster,src=x,dst=/y busybox true; docker run --rm --mount type=npipe,src=x,dst=/y busybox true; docker run --rm -v x-odd:/data:rw,nocopy,ro busybox true; docker run --rm -v x-odd:/data:Z,ro busybox ls /data; docker run --rm -v :/y busybox true; docker run --rm -v x:y:z:w busybox true; docker run --rm --mount type=bind,src=/tmp,dst=/y,readonly=maybe busybox true; docker run --rm --mount type=bind,src=/tmp,dst=/y,volume-nocopy busybox true; docker run --rm --mount type=bind,src=/tmp busybox true; docker run --rm --mount type=volume,src=/tmp,dst=/y busybox true; docker run --rm --tmpfs /y:size=1m,mode=700,uid=7,exec busybox sh -c 'stat -c "%a %u" /y; grep " /y " /proc/mounts'; docker run --rm --tmpfs /y:nope=1 busybox true; docker run --rm --mount type=tmpfs,dst=/data busybox ls /data; docker run --rm --mount dst=/y,src=x-odd2,volume-opt=o=size=1m,volume-opt=type=tmpfs,volume-opt=device=tmpfs busybox sh -c 'df -k /y | tail -1'; docker volume rm x-odd x-odd2

# the end
docker volume rm x-v1
