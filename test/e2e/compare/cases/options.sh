# help names every option
for c in run create update; do docker $c --help | grep -c .; done

# environment
echo 'F=1' >envf; A=from docker run --rm -e A -e B=2 --env C=x=y -e D= -e NOTSET --env-file envf busybox env | sort; for o in '' = =x 'A B=1' A=1=2 1=2; do echo "[$o]"; docker create --name o-x -e "$o" busybox; docker inspect -f '{{json .Config.Env}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; printf 'A B=1\n' >bad; docker create --env-file bad busybox; printf '=1\n' >bad; docker create --env-file bad busybox; printf '\377=1\n' >bad; docker create --env-file bad busybox; docker run --rm -e PATH=/nope busybox ls; docker run --rm -e HOME=/h -e HOSTNAME=n -e TERM=x busybox sh -c 'echo $HOME $HOSTNAME $TERM'; docker run --rm -t -e A busybox sh -c 'echo $TERM'

# environment by the API
for b in '["A"]' '["=x"]' '[""]' '["A=1","A=2","B"]' '[null]' '"A=1"'; do echo "$b"; api POST '/containers/create?name=o-x' '{"Image":"busybox","Cmd":["env"],"Env":'"$b"'}'; docker inspect -f '{{json .Config.Env}}' o-x; docker start -a o-x | grep -E '^[AB]' ; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# commands by the API
for b in '"Cmd":"true"' '"Cmd":""' '"Cmd":[""]' '"Cmd":[]' '"Cmd":null' '"Cmd":[null]' '"Entrypoint":"echo","Cmd":"x"' '"Entrypoint":[""],"Cmd":["echo","y"]' '"Entrypoint":[]' '"Entrypoint":["echo"]' '"Entrypoint":["echo","a"],"Cmd":[]' '"Shell":["sh","-c"],"Cmd":["true"]' '"OnBuild":["RUN x"],"Cmd":["true"]' '"ArgsEscaped":true,"Cmd":["true"]'; do echo "$b"; api POST '/containers/create?name=o-x' '{"Image":"busybox",'"$b"'}'; docker inspect -f '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.Shell}} {{json .Config.OnBuild}} {{.Path}} {{json .Args}}' o-x; docker start -a o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# entry points
for o in echo '' /bin/echo 'echo a' '["echo"]' nope; do echo "[$o]"; docker run --rm --entrypoint "$o" busybox b c; docker create --name o-x --entrypoint "$o" busybox >/dev/null; docker inspect -f '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{.Path}} {{json .Args}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# labels, annotations
for o in a a=b a= =b '' 'a b=c' a=b=c; do echo "[$o]"; docker create --name o-x -l "$o" busybox >/dev/null; docker inspect -f '{{json .Config.Labels}}' o-x; docker rm o-x >/dev/null; docker create --name o-x --annotation "$o" busybox >/dev/null; docker inspect -f '{{json .HostConfig.Annotations}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; printf 'a b\n' >lab; docker create --label-file lab busybox; docker create --label-file none busybox; api POST /containers/create '{"Image":"busybox","HostConfig":{"Annotations":{"":"x"}}}'

# signals to stop by
for o in TERM SIGTERM 15 sigint RTMIN+3 SIGRTMAX 0 99 nope '' -1 64 65; do echo "[$o]"; docker create --name o-x --stop-signal "$o" busybox; docker inspect -f '{{json .Config.StopSignal}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; for o in 0 1 -1 -5 x 99999999999; do echo "[$o]"; docker create --name o-x --stop-timeout $o busybox; docker inspect -f '{{json .Config.StopTimeout}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; docker run -d --name o-x --stop-timeout 0 busybox sleep 100 >/dev/null; docker stop o-x; docker inspect -f '{{.State.ExitCode}}' o-x; docker rm o-x; docker run -d --name o-x --stop-signal USR1 busybox sh -c 'trap "exit 7" USR1; while :; do sleep 0.05; done' >/dev/null; sleep 0.3; docker stop o-x; docker inspect -f '{{.State.ExitCode}}' o-x; docker rm o-x

# health checks
for o in '--health-cmd x --health-interval 1ms' '--health-cmd x --health-interval 999us' '--health-cmd x --health-timeout 1us' '--health-cmd x --health-start-period 1ns' '--health-cmd x --health-start-interval 1us' '--health-interval -1s' '--health-timeout -1s' '--health-retries -1' '--health-cmd x --health-retries 3' '--health-cmd x --health-interval x' '--health-interval 5s' '--no-healthcheck' '--no-healthcheck --health-cmd x' '--no-healthcheck --health-interval 1s' '--health-start-period -1s' '--health-start-interval -1s' '--health-cmd=' ; do echo "$o"; docker create --name o-x $o busybox; docker inspect -f '{{json .Config.Healthcheck}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# health checks by the API
for b in '{"Test":["NONE"]}' '{"Test":["CMD","true"]}' '{"Test":["CMD"]}' '{"Test":["x"]}' '{"Test":[]}' '{"Test":["CMD-SHELL","a","b"]}' '{"Test":["CMD","true"],"Interval":1}' '{"Test":["CMD","true"],"Retries":-1}' '{"Test":"x"}' 'null' '{}' '{"Interval":1000000}'; do echo "$b"; api POST '/containers/create?name=o-x' '{"Image":"busybox","Cmd":["sleep","100"],"Healthcheck":'"$b"'}'; docker start o-x >/dev/null; docker inspect -f '{{json .Config.Healthcheck}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' o-x; docker rm -f o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# drivers of logs
for o in '--log-driver nope' '--log-driver json-file --log-opt max-size=x' '--log-opt max-size=-1' '--log-opt max-size=1k' '--log-opt max-file=x' '--log-opt max-file=-1' '--log-opt max-file=2' '--log-opt compress=x' '--log-opt compress=true' '--log-opt max-size=1m --log-opt compress=true' '--log-opt mode=x' '--log-opt mode=non-blocking --log-opt max-buffer-size=x' '--log-opt max-buffer-size=1m' '--log-opt mode=non-blocking --log-opt max-buffer-size=1m' '--log-opt labels=a --log-opt env=b --log-opt tag={{.ID}} --log-opt labels-regex=x --log-opt env-regex=(' '--log-opt tag={{' '--log-opt nope=1' '--log-opt =1' '--log-opt a' '--log-driver none --log-opt max-size=1m' '--log-driver local --log-opt max-size=1m' '--log-driver local --log-opt labels=a' '--log-driver syslog --log-opt syslog-address=x' '--log-driver syslog --log-opt syslog-facility=x' '--log-driver gelf' '--log-driver gelf --log-opt gelf-address=x' '--log-driver fluentd --log-opt fluentd-address=x://y' '--log-driver journald --log-opt nope=1' '--log-driver= --log-opt max-size=1m'; do echo "$o"; docker create --name o-x $o busybox; docker inspect -f '{{json .HostConfig.LogConfig}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# restart policies
for o in no always unless-stopped on-failure on-failure:3 on-failure:x on-failure:0 always:0 no:1 ALWAYS '' :3 on-failure: unless-stopped:1; do echo "[$o]"; docker create --name o-x --restart "$o" busybox; docker inspect -f '{{json .HostConfig.RestartPolicy}}' o-x; docker rm o-x >/dev/null; docker create --name o-x --rm --restart "$o" busybox >/dev/null;  docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# attached, with a terminal, with input
docker create --name o-x -a stdin -a stdout busybox >/dev/null; docker inspect -f '{{.Config.AttachStdin}} {{.Config.AttachStdout}} {{.Config.AttachStderr}} {{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.Tty}}' o-x; docker rm o-x; for o in '-i' '-t' '-it' '-i -a stderr' '--interactive --tty' '--attach stdout' '-a nope'; do echo "$o"; docker create --name o-x $o busybox >/dev/null; docker inspect -f '{{.Config.AttachStdin}} {{.Config.AttachStdout}} {{.Config.AttachStderr}} {{.Config.OpenStdin}} {{.Config.StdinOnce}} {{.Config.Tty}} {{json .HostConfig.ConsoleSize}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'; echo in | docker run --rm -i -a stdin -a stdout busybox cat; echo in | docker run --rm --interactive --attach stdout busybox cat; docker run --rm --detach --interactive --name o-x busybox cat | wc -l; docker rm -f o-x; docker run --detach --attach stdout busybox true; docker run --rm --sig-proxy=false busybox echo ok; docker run --rm --detach-keys ctrl-a,b busybox echo ok; docker run --rm --detach-keys nope-x busybox echo ok

# the console's size by the API
for b in '[1]' '[1,2,3]' '[30,100]' '"x"' 'null'; do echo "$b"; api POST '/containers/create?name=o-x' '{"Image":"busybox","Tty":true,"Cmd":["stty","size"],"HostConfig":{"ConsoleSize":'"$b"'}}'; docker inspect -f '{{json .HostConfig.ConsoleSize}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# names
for o in ab a-b a.b a_b -a .a 'a b' /ab a/b '' A1 ü; do echo "[$o]"; docker create --name "$o" busybox >/dev/null; docker inspect -f '{{.Name}}' "$o"; docker rm "$o" >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# an image that is not here
for o in always missing never nope ''; do echo "[$o]"; docker create --quiet --pull "$o" localhost:1/none busybox 2>&1 | sed 's/dial tcp.*refused/refused/;s/^[0-9a-f]*: /: /'; done; docker run --rm --quiet --pull never busybox echo here; docker create --disable-content-trust=true --name o-x busybox | wc -l; docker rm o-x

# init
for o in --init --init=false --init=x '--init --pid host' '--init --read-only'; do echo "$o"; docker create --name o-x $o busybox >/dev/null; docker inspect -f '{{json .HostConfig.Init}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# files of ids
docker create --cidfile id --name o-x busybox >/dev/null; test "$(cat id)" = "$(docker inspect -f '{{.Id}}' o-x)" && echo same; docker inspect -f '{{.HostConfig.ContainerIDFile}}' o-x; docker rm o-x; docker create --cidfile none/id busybox; docker create --cidfile id busybox

# what inspect keeps of what the API was told
api POST '/containers/create?name=o-x' '{"Image":"busybox","HostConfig":{"ContainerIDFile":"x","Cgroup":"x","VolumeDriver":"","Isolation":"","MountLabel":"x","Nope":1,"KernelMemoryTCP":5000000,"CpuCount":1,"CpuPercent":5,"MemorySwappiness":-1,"OomKillDisable":null,"PidsLimit":0,"Init":null,"Devices":[],"Ulimits":null,"DeviceRequests":[],"Links":[],"Dns":null,"GroupAdd":[],"ExtraHosts":[],"VolumesFrom":[],"CapAdd":[],"Binds":[],"Sysctls":{},"StorageOpt":{},"Tmpfs":{},"Annotations":{},"Mounts":[],"PortBindings":null,"SecurityOpt":null,"ShmSize":0,"ConsoleSize":null,"UsernsMode":"","PidMode":"","IpcMode":"","UTSMode":"","CgroupnsMode":"","Runtime":""}}'; docker inspect -f '{{json .HostConfig}}' o-x; docker rm o-x

# what is of Windows by the API
for b in '"CpuPercent":5' '"IOMaximumIOps":1' '"IOMaximumBandwidth":1' '"CpuCount":-1'; do api POST '/containers/create?name=o-x' '{"Image":"busybox","HostConfig":{'"$b"'}}'; docker inspect -f '{{.HostConfig.CpuPercent}} {{.HostConfig.CpuCount}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# a container-wide address by the API
for v in v1.43 v1.44; do api POST /$v/containers/create?name=o-x '{"Image":"busybox","Cmd":["cat","/sys/class/net/eth0/address"],"MacAddress":"02:42:ac:11:00:55"}'; docker start -a o-x; docker inspect -f '{{.Config.MacAddress}} {{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}' o-x; docker rm o-x; done

# what inspect keeps of the configuration
api POST '/containers/create?name=o-x' '{"Image":"busybox","Hostname":"h","Domainname":"d","User":"7","AttachStdin":true,"ExposedPorts":{"80/tcp":{}},"Tty":true,"OpenStdin":true,"StdinOnce":true,"Env":["A=1"],"Cmd":["true"],"Healthcheck":{"Test":["CMD","true"]},"ArgsEscaped":true,"Volumes":{"/v":{}},"WorkingDir":"/w","Entrypoint":["e"],"NetworkDisabled":false,"MacAddress":"02:42:ac:11:00:55","OnBuild":["x"],"Labels":{"a":"b"},"StopSignal":"INT","StopTimeout":3,"Shell":["s"],"Nope":1}'; docker inspect -f '{{json .Config}}' o-x; docker rm -v o-x

# ports that are exposed by the API
for b in '{"80":{}}' '{"80/tcp":{},"81/udp":{}}' '{"x":{}}' '{"80/x":{}}' '{"":{}}' '{"80-82/tcp":{}}' '{"0/tcp":{}}' '{"99999/tcp":{}}' '[]' 'null' '{"80/tcp":null}'; do echo "$b"; api POST '/containers/create?name=o-x' '{"Image":"busybox","ExposedPorts":'"$b"'}'; docker inspect -f '{{json .Config.ExposedPorts}}' o-x; docker rm o-x >/dev/null; done 2>&1 | grep -v '^$\|Run \|No such'

# run with what only create was asked for
docker run --rm --annotation a=b busybox echo ok; for o in '--cpu-count 1' '--cpu-percent 5' '--io-maxbandwidth 5m' '--io-maxiops 5'; do docker run --rm $o busybox true; echo $?; done
