# a container with a volume, a file in the image's layer, and others
docker run -d --name x-f -v x-fv:/vol busybox sh -c 'mkdir -p /d/sub /e; echo old >/d/f; echo deep >/d/sub/g; ln -s /d /ld; ln -s f /d/lf; ln -s /nowhere /dang; sleep 1000' >/dev/null; until_ok docker exec x-f test -L /dang; mkdir -p src/sub; echo new >src/f; echo s >src/sub/s; echo one >one; ln -s one l1; echo ok

# cp in: a file to a name, over a file, into a directory, with a slash
docker cp one x-f:/n1; docker cp one x-f:/d/f; docker cp one x-f:/d; docker cp one x-f:/d/; docker cp one x-f:/n2/; docker cp one x-f:/d/f/; docker exec x-f sh -c 'cat /n1 /d/f; ls /d'

# cp in: a directory to a name, into one, over a file, its content alone
docker cp src x-f:/m1; docker cp src x-f:/d; docker cp src x-f:/n1; docker cp src/. x-f:/m2; docker cp src/. x-f:/d; docker cp src/ x-f:/m3; docker cp src/. x-f:/n1; docker cp src x-f:/no/where; docker exec x-f sh -c 'find /m1 /m2 /m3 /d/src | sort; cat /d/f'

# cp in: a file where a directory is, a directory where a file is
mkdir -p t1/sub t2/f; echo x >t1/sub/y; rm -rf t1/sub; echo file >t1/sub; docker cp t1/. x-f:/d; docker cp t2/. x-f:/d; docker exec x-f sh -c 'test -d /d/sub && echo dir; test -f /d/f && echo file'

# cp in: through links, onto links
docker cp one x-f:/ld/a; docker cp one x-f:/ld; docker cp src x-f:/ld/; docker cp one x-f:/d/lf; docker cp one x-f:/dang; docker exec x-f sh -c 'ls -l /d/lf /ld /dang | sed "s/.* \//\//"; cat /d/f'

# cp in: links as they are, links followed
docker cp l1 x-f:/lk1; docker cp -L l1 x-f:/lk2; docker exec x-f sh -c 'readlink /lk1; readlink /lk2 || cat /lk2'

# cp out: files, directories, contents, links
docker cp x-f:/d/sub o1; docker cp x-f:/d/sub/. o2; mkdir o3; docker cp x-f:/d/sub o3; docker cp x-f:/d/f o4; docker cp x-f:/d/f o3/; docker cp x-f:/d/f o5/; docker cp x-f:/d/sub one; docker cp x-f:/d/sub/. one; docker cp x-f:/ld o6; docker cp -L x-f:/ld o7; docker cp x-f:/d/f/ o8; docker cp x-f:/d/sub/../f o9; docker cp x-f:../../d/f o10; find o* | sort; ls -l o6 | sed 's/.* o6/o6/'; cat one

# cp out: over what is there
mkdir -p p/f; docker cp x-f:/d/f p; ls p/f; echo z >q; docker cp x-f:/d/sub q; docker cp x-f:/d/f q; cat q

# cp: owners and times kept, or not
chmod 640 one; touch -d @1000000 one; chown 7:8 one 2>/dev/null; docker cp one x-f:/w1; docker cp -a one x-f:/w2; docker exec x-f stat -c '%u %g %a %Y' /w1 /w2; docker exec x-f sh -c 'chown 7:8 /w1; chmod 4755 /w1'; docker cp x-f:/w1 w1; docker cp -a x-f:/w1 w2; stat -c '%u %g %a %Y' w1 w2

# cp of standard input and output
tar c one | docker cp - x-f:/tmp; tar c one | docker cp - x-f:/nope; tar c one | docker cp - x-f:/d/f; echo junk | docker cp - x-f:/tmp 2>&1 | cut -c1-10; docker cp x-f:/d/sub - | tar tf - | sort; docker cp x-f:/nope - | wc -c; docker cp - -; docker cp one two; docker cp x-f:/a x-f:/b; docker cp x-none:/a b; docker cp nofile x-f:/

# a volume: in, out, through the container that stopped
docker cp one x-f:/vol/v1; docker cp x-f:/vol/v1 - | tar tf -; docker stop -t 0 x-f >/dev/null; docker cp one x-f:/vol/v2; docker cp one x-f:/stopped; docker cp x-f:/vol - | tar tf - | sort; docker start x-f >/dev/null; docker exec x-f ls /vol /stopped

# read-only roots and volumes, stopped and running
docker create --name x-ro --read-only -v x-fv:/ro:ro -v x-fv2:/rw busybox sleep 100 >/dev/null; for i in 1 2; do for p in /new /ro/new /rw/new /ro /etc/passwd; do docker cp one x-ro:$p; done; docker cp x-ro:/ro/v1 - | tar tf -; docker start x-ro >/dev/null; done; docker rm -f x-ro; docker volume rm x-fv2

# noOverwriteDirNonDir and copyUIDGID
tar cf a.tar --owner=5 --group=6 one; tar cf d.tar src; docker exec x-f sh -c 'mkdir -p /k/one; touch /k/src'; put '/containers/x-f/archive?path=/k&noOverwriteDirNonDir=1' a.tar; put '/containers/x-f/archive?path=/k&noOverwriteDirNonDir=true' d.tar; put '/containers/x-f/archive?path=/k&noOverwriteDirNonDir=0' d.tar; docker exec x-f sh -c 'ls -d /k/one /k/src/sub'; put '/containers/x-f/archive?path=/tmp&copyUIDGID=1' a.tar; docker exec x-f stat -c '%u %g' /tmp/one; docker run -d --name x-us -u 7:8 busybox sleep 100 >/dev/null; put '/containers/x-us/archive?path=/tmp&copyUIDGID=1' a.tar; docker exec x-us stat -c '%u %g' /tmp/one; put '/containers/x-us/archive?path=/data' a.tar; docker exec x-us stat -c '%u %g' /data/one; docker rm -f x-us

# hostile archives
mkdir -p h; echo bad >h/bad; tar cPf up.tar -C h --transform 's|bad|../../../../../up|' bad; put '/containers/x-f/archive?path=/tmp' up.tar >/dev/null; docker exec x-f sh -c 'ls /up /tmp/up 2>&1'; ln -s / h/root; tar cf ln.tar -C h root; tar rPf ln.tar -C h --transform 's|bad|root/escaped|' bad; put '/containers/x-f/archive?path=/tmp' ln.tar | sed 's/.* //'; ls /escaped 2>&1

# diff: added, changed, deleted, replaced
docker run --name x-d -v x-fv:/vol busybox sh -c 'echo a >/added; mkdir -p /newdir/in; touch /newdir/in/f; rm /data/file; echo x >>/etc/passwd; rm -rf /root; ln -s x /link; mkfifo /fifo; touch /vol/unseen; touch /tmp/t; rm /bin/yes; mv /etc/group /etc/moved; chmod 700 /tmp'; docker diff x-d | sort; api GET /containers/x-d/changes | head -1; docker rm x-d

# diff: a directory made anew
docker run --name x-d busybox sh -c 'rm -rf /data; mkdir /data; touch /data/other'; docker diff x-d | sort; docker rm x-d; docker create --name x-d busybox >/dev/null; api GET /containers/x-d/changes; docker diff x-d; docker rm x-d; docker diff x-none

# diff: what is mounted is not there
docker run --name x-d --tmpfs /data -v /newvol --mount type=bind,source=/tmp,target=/b busybox sh -c 'touch /data/x /newvol/y'; docker diff x-d | sort; docker rm -v x-d

# export: owners, links, what is mounted
docker export x-f | tar tvf - --numeric-owner | grep -E ' (w1|lk1|dev/console|proc/|sys/|etc/hosts|\.dockerenv)' | awk '{print $2, $6, $7, $8}'; raw GET /containers/x-none/export; raw HEAD /containers/x-f/export | head -1

# commit: every change
docker create --name x-c -e OLD=1 -l old=1 busybox sh -c 'echo  x' >/dev/null; docker commit -c 'CMD echo hi' -c 'ENTRYPOINT ["/bin/sh", "-c"]' -c 'ENV A=1 B=2' -c 'ENV C three' -c 'EXPOSE 80 81/udp' -c 'LABEL a=b c="d e"' -c 'USER 7:8' -c 'VOLUME /v1 /v2' -c 'WORKDIR /w' -c 'WORKDIR sub' -c 'ONBUILD RUN x' -c 'STOPSIGNAL SIGUSR1' -c 'HEALTHCHECK --interval=5s --retries=2 CMD true' x-c x-img:1 | cut -c1-7; docker image inspect -f '{{json .Config}}' x-img:1; docker rmi x-img:1 >/dev/null

# commit: changes in the query, one on each line
api POST '/commit?container=x-c&repo=x-img&tag=2&changes=ENV%20X=1%0ACMD%20a&changes=EXPOSE%209' | cut -c1-12; docker image inspect -f '{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}}' x-img:2; docker rmi x-img:2 >/dev/null

# commit: bad changes
for c in FOO CMD ENV 'ENV a' 'EXPOSE x' EXPOSE WORKDIR ENTRYPOINT 'ENTRYPOINT [' LABEL 'LABEL a' USER 'USER a b' VOLUME 'VOLUME []' ONBUILD 'ONBUILD FROM x' 'ONBUILD ONBUILD RUN x' 'ADD a b' 'COPY a b' 'FROM x' 'RUN x' 'MAINTAINER x' 'ARG x' 'HEALTHCHECK x' 'HEALTHCHECK CMD' 'HEALTHCHECK --interval=x CMD a' 'SHELL x' STOPSIGNAL 'STOPSIGNAL x' '# comment' ''; do echo "<$c>"; curl -sG -X POST --unix-socket $SOCKET --data-urlencode "container=x-c" --data-urlencode "changes=$c" http://d/commit | sed 's/"Id":"[^"]*"/ID/'; done; docker image prune -f >/dev/null

# commit: names
for q in repo=UP repo=x-img 'repo=x-img&tag=a%20b' 'repo=x-img:3' 'repo=x-img:3&tag=4' 'repo=x-img@sha256:abc' 'repo=&tag=5' 'repo=localhost:5000/x-img'; do api POST "/commit?container=x-c&$q" | sed 's/"Id":"[^"]*"/ID/'; done; docker images --format '{{.Repository}}:{{.Tag}}' | grep x-img | sort; docker rmi $(docker images --format '{{.Repository}}:{{.Tag}}' | grep x-img) >/dev/null; docker image prune -f >/dev/null

# commit: author, comment, what the history says
docker commit -a 'A <a@b>' -m 'some words' x-c x-img:6 | cut -c1-7; docker image inspect -f '{{.Author}}|{{.Comment}}|{{.Parent}}|{{.Architecture}}|{{.Os}}|{{json .Config}}' x-img:6; docker history --no-trunc --format '{{.CreatedBy}}|{{.Comment}}|{{.Size}}' x-img:6; docker rmi x-img:6 >/dev/null

# commit: paused, running with and without a pause, ended
docker pause x-f >/dev/null; docker commit x-f x-img:7 | cut -c1-7; docker inspect -f '{{.State.Status}}' x-f; docker unpause x-f >/dev/null; mark; docker commit -p=false x-f x-img:8 | cut -c1-7; docker commit x-f x-img:9 | cut -c1-7; since --filter container=x-f; docker run --rm x-img:9 cat /d/f /stopped; docker rmi x-img:7 x-img:8 x-img:9 >/dev/null

# commit: a configuration in the body, with the container's and changes
api POST '/commit?container=x-c&repo=x-img&tag=10&changes=ENV%20Z=9' '{"Env":["Q=1"],"Cmd":["z"],"Labels":{"n":"1"},"WorkingDir":"/q","Hostname":"ignored","HostConfig":{"Memory":5}}' | cut -c1-12; docker image inspect -f '{{json .Config}}' x-img:10; docker rmi x-img:10 >/dev/null

# the end
docker rm -f x-f x-c; docker volume rm x-fv
