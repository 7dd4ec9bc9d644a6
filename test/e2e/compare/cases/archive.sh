# a container with all kinds of files
docker run -d --name x-cp -v x-vol:/vol busybox sh -c 'mkdir -p /d/s; echo hi>/d/f; ln -s f /d/l; ln -s /nowhere /d/dang; ln -s /d /dl; mkfifo /d/p; chmod 4711 /d/f; chown 7:8 /d/s; touch -d @0 /d/f /d/s /d/p; touch -d @0 /d; sleep 1000' >/dev/null
until_ok docker exec x-cp test -p /d/p
sleep 0.2

# stat of a directory
pathstat x-cp /d

# stat of the root
pathstat x-cp / | cut -c1-30

# stat with a slash, with a dot
pathstat x-cp /d/; pathstat x-cp /d/.

# stat of a file, a link, a broken link, a FIFO
pathstat x-cp /d/f; pathstat x-cp /d/l; pathstat x-cp /d/dang; pathstat x-cp /d/p

# stat through a link to a directory
pathstat x-cp /dl; pathstat x-cp /dl/ ; pathstat x-cp /dl/s

# a relative path, a path that climbs
pathstat x-cp d/f; pathstat x-cp ../../d/f

# a path below a file
api GET '/containers/x-cp/archive?path=/d/f/'
api GET '/containers/x-cp/archive?path=/d/f/x'

# no such path, no path
api GET '/containers/x-cp/archive?path=/nope'
api GET '/containers/x-cp/archive?path='
api GET '/containers/x-cp/archive'

# no such container
api GET '/containers/x-none/archive?path=/'

# members of a directory
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/d" | tar tvf - --numeric-owner | sed 's/  */ /g'

# members of what a directory holds
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/d/." | tar tf -

# a link is sent as one
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/dl" | tar tvf - | sed 's/.*dl/dl/'

# a link with a slash is followed
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/dl/" | tar tf -

# names below the root
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/" | tar tPf - | grep -E '^/(d|etc)' | sort | head -20

# what the runtime mounts is not there
curl -s --unix-socket $SOCKET "http://d/containers/x-cp/archive?path=/proc" | tar tf -

# its hosts file is
docker cp x-cp:/etc/hosts - | tar xO | head -1

# cp of a file out
docker cp x-cp:/d/f out1; cat out1; stat -c %a out1

# cp of a directory out
docker cp x-cp:/d/s out2; ls -ld out2 | cut -c1-10

# cp of a link, followed
docker cp -L x-cp:/d/l out3; cat out3

# cp of a link as a link
docker cp x-cp:/d/l out4; readlink out4

# cp of what is not there
docker cp x-cp:/nope out5

# cp in: a file
echo in >in1; docker cp in1 x-cp:/in1; docker exec x-cp cat /in1

# cp in: into a directory
docker cp in1 x-cp:/d/s; docker exec x-cp ls /d/s

# cp in: to a directory that is not there
docker cp in1 x-cp:/no/where/

# cp in: a directory, renamed
mkdir -p dir/sub; echo a >dir/sub/a; docker cp dir x-cp:/renamed; docker exec x-cp find /renamed

# cp in: what a directory holds
docker cp dir/. x-cp:/d/s; docker exec x-cp find /d/s

# cp in: a directory onto a file
docker cp dir x-cp:/in1

# cp in: through a link
docker cp in1 x-cp:/dl/via; docker exec x-cp cat /d/via

# cp in: standard input
tar c in1 | docker cp - x-cp:/d; docker exec x-cp cat /d/in1

# cp between two containers
docker cp x-cp:/d/f x-cp:/copy

# owners are kept by number
tar c --owner=77 --group=78 in1 | docker cp - x-cp:/tmp; docker exec x-cp stat -c '%u %g' /tmp/in1

# cp -a without a user changes nothing
docker cp -a in1 x-cp:/tmp/in2; docker exec x-cp stat -c '%u %g' /tmp/in2

# cp -a with a user
docker run -d --name x-user -u 7:8 busybox sleep 100 >/dev/null; docker cp -a in1 x-user:/tmp/in2; docker exec x-user stat -c '%u %g' /tmp/in2; docker rm -f x-user

# put: a path that is a file, one that is missing, one below a file
tar cf t.tar in1; put '/containers/x-cp/archive?path=/d/f' t.tar; put '/containers/x-cp/archive?path=/nope' t.tar; put '/containers/x-cp/archive?path=/d/f/x' t.tar

# put: a directory where a file is
tar cf d.tar dir; docker exec x-cp touch /tmp/dir; put '/containers/x-cp/archive?path=/tmp&noOverwriteDirNonDir=true' d.tar

# put: a file where a directory is
mkdir -p w; echo x >w/s; tar cf s.tar -C w s; put '/containers/x-cp/archive?path=/d&noOverwriteDirNonDir=true' s.tar; docker exec x-cp test -d /d/s

# put: the same, allowed
put '/containers/x-cp/archive?path=/d' s.tar; docker exec x-cp cat /d/s

# put: gzip, bzip2, xz, zstd
for f in gzip bzip2 xz zstd; do $f -c t.tar >t.$f; put '/containers/x-cp/archive?path=/tmp' t.$f; done

# put: missing directories are made
mkdir -p w/new/deep; echo x >w/new/deep/f; tar cf n.tar -C w new/deep/f; put '/containers/x-cp/archive?path=/tmp' n.tar; docker exec x-cp find /tmp/new

# put into a volume of a running container
put '/containers/x-cp/archive?path=/vol' t.tar; docker exec x-cp cat /vol/in1

# put into a read-only root and a read-only volume
docker run -d --name x-ro --read-only -v x-vol:/vol:ro -v x-volw:/volw busybox sleep 100 >/dev/null; for p in / /vol /volw; do put "/containers/x-ro/archive?path=$p" t.tar; done; docker rm -f x-ro; docker volume rm x-volw

# in and out of a container that never ran
docker create --name x-new -v x-vol:/vol busybox true >/dev/null; docker cp in1 x-new:/in1; docker cp x-new:/in1 -| tar tf -; docker cp x-new:/vol/in1 - | tar tf -; docker cp in1 x-new:/vol/in3; docker exec x-cp ls /vol; docker rm x-new

# in and out of one that has stopped
docker run --name x-old busybox sh -c 'echo kept >/kept' ; docker cp x-old:/kept - | tar xO; docker cp in1 x-old:/; docker diff x-old | sort; docker rm x-old

# export
docker export x-cp | tar tf - | grep -vE '^bin/|^(tmp|d|dl|in1|renamed|copy)' | sort

# export of a container that never ran
docker create --name x-new busybox true >/dev/null; docker export x-new | tar tf - | grep -v '^bin/' | sort; docker rm x-new

# export of no container
docker export x-none

# events of archives
mark; docker cp x-cp:/d/f - >/dev/null; docker cp in1 x-cp:/tmp; docker export x-cp >/dev/null; since --filter type=container

# commit
docker commit -a me -m words -c 'CMD ["x", "y"]' -c 'ENV A=b' -c 'EXPOSE 80' x-cp x-img:1; docker image inspect -f '{{json .Config}} {{.Author}} {{.Comment}} {{.RepoTags}}' x-img:1; docker history --format '{{.CreatedBy}} {{.Comment}}' --no-trunc x-img:1

# commit runs
docker run --rm x-img:1 true; docker run --rm x-img:1 cat /copy

# commit without a name
docker commit x-cp | cut -c1-7

# commit without a pause, events
mark; docker commit --pause=false x-cp x-img:2; docker commit x-cp x-img:3; since --filter type=container; docker rmi -f x-img:2 x-img:3 x-img:1 | sort

# commit of a configuration in the body
api POST '/commit?container=x-cp&repo=x-img&tag=4' '{"Cmd":["z"],"Labels":{"a":"b"},"Env":["Q=1"]}'; docker image inspect -f '{{json .Config}}' x-img:4; docker rmi x-img:4

# commit: bad change, bad name, no container
docker commit -c 'RUN x' x-cp x-img:5; docker commit x-cp UPPER; docker commit x-none

# the end
docker rm -f x-cp; docker volume rm x-vol
