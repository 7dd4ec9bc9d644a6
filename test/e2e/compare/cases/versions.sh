# containers
docker network create x-net >/dev/null; docker create --name x-v --hostname hh --network x-net --network-alias z busybox >/dev/null; docker run -d --name x-a --hostname hh --annotation x=y busybox sleep 1000 >/dev/null; docker tag busybox x-tag; echo ok

# aliases of a network
for v in 1.24 1.44 1.45 1.51; do curl -s --unix-socket $SOCKET http://d/v$v/containers/x-v/json | grep -o '"Aliases":[^]]*'; done

# annotations in a list
for v in 1.24 1.45 1.46 1.51; do curl -s --unix-socket $SOCKET "http://d/v$v/containers/json?all=1" | grep -o '"HostConfig":{[^}]*}' | sort -u; done

# fields of a list, of inspect
for v in 1.24 1.40 1.44 1.51; do curl -s --unix-socket $SOCKET "http://d/v$v/containers/json" | tr -d '[]' | keys | tr '\n' ' '; echo; curl -s --unix-socket $SOCKET "http://d/v$v/containers/x-a/json" | keys 2 | grep -v GraphDriver | tr '\n' ' '; echo; done

# fields of info
for v in 1.24 1.41 1.42 1.43 1.44 1.46 1.47 1.48 1.49 1.50; do curl -s --unix-socket $SOCKET http://d/v$v/info | keys | grep -E 'Kernel|Firewall|Bridge|Experimental|Discovered' | tr '\n' ' '; curl -s --unix-socket $SOCKET http://d/v$v/info | grep -oE '"Expected"|"Allow[A-Za-z]*"|"status"|"SecurityOptions":[^]]*' | sort -u | tr '\n' ' '; echo; done

# fields of images
for v in 1.24 1.42 1.43 1.44 1.49 1.50 1.51; do curl -s --unix-socket $SOCKET http://d/v$v/images/json | tr -d '[]' | grep -oE '"(VirtualSize|RepoDigests|Containers)":(-1|null)?' | sort -u | tr '\n' ' '; curl -s --unix-socket $SOCKET http://d/v$v/images/busybox/json | grep -oE '"(VirtualSize|Hostname|Tty|AttachStdin)":' | sort -u | tr '\n' ' '; echo; done

# disk usage of one kind
for v in 1.41 1.42; do curl -s --unix-socket $SOCKET "http://d/v$v/system/df?type=container" | grep -oE '"(Images|Volumes|BuildCache)":.' | tr '\n' ' '; echo; done

# what create drops for older clients
for v in 1.24 1.39 1.40 1.41 1.42 1.43 1.44 1.51; do curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d '{"Image":"busybox","Healthcheck":{"Test":["NONE"],"StartInterval":5000000},"HostConfig":{"AutoRemove":true,"Annotations":{"a":"b"},"ConsoleSize":[5,6],"Mounts":[{"Type":"bind","Source":"/tmp","Target":"/x","ReadOnly":true,"BindOptions":{"NonRecursive":true}}]}}' "http://d/v$v/containers/create?name=x-c" | grep -o '"Warnings".*\|.*message.*'; docker inspect -f "$v {{.HostConfig.AutoRemove}} {{.HostConfig.IpcMode}} {{json .HostConfig.Annotations}} {{.HostConfig.ConsoleSize}} {{json .HostConfig.Mounts}} {{json .Config.Healthcheck}}" x-c; docker rm x-c >/dev/null; done

# what create refuses of older clients
for m in '{"Type":"bind","Source":"/tmp","Target":"/x","ReadOnly":true,"BindOptions":{"ReadOnlyForceRecursive":true,"Propagation":"rprivate"}}' '{"Type":"volume","Source":"x-vol","Target":"/x","VolumeOptions":{"Subpath":"a"}}' '{"Type":"image","Source":"busybox","Target":"/x"}' '{"Type":"bind","Source":"/nope-x","Target":"/x","BindOptions":{"CreateMountpoint":true}}' '{"Type":"bind","Source":"/tmp","Target":"/x","TmpfsOptions":{}}'; do for v in 1.41 1.43 1.44 1.47 1.51; do curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d "{\"Image\":\"busybox\",\"HostConfig\":{\"Mounts\":[$m]}}" "http://d/v$v/containers/create?name=x-c" | sed 's/"Id":"[^"]*"/ID/'; docker rm x-c >/dev/null 2>&1; done; done; docker volume rm x-vol

# two networks at once
for v in 1.43 1.44; do curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d '{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"bridge":{},"x-net":{}}}}' "http://d/v$v/containers/create?name=x-c" | sed 's/"Id":"[^"]*"/ID/;s/: bridge, x-net/: both/;s/: x-net, bridge/: both/'; docker rm x-c 2>/dev/null; done

# sysctls of an interface
for k in eth0 eth1; do for v in 1.24 1.47 1.48 1.51; do curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d "{\"Image\":\"busybox\",\"HostConfig\":{\"Sysctls\":{\"net.ipv4.conf.$k.log_martians\":\"1\"}}}" "http://d/v$v/containers/create?name=x-c" | sed 's/"Id":"[^"]*"/ID/'; docker inspect -f '{{json .HostConfig.Sysctls}} {{json .NetworkSettings.Networks.bridge.DriverOpts}}' x-c 2>/dev/null; docker rm x-c >/dev/null 2>&1; done; done

# platforms
for v in 1.40 1.41; do for p in foo/bar/baz/x linux/amd64 ''; do curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d '{"Image":"busybox"}' "http://d/v$v/containers/create?name=x-c&platform=$p" | sed 's/"Id":"[^"]*"/ID/'; docker rm x-c >/dev/null 2>&1; done; done

# wait without conditions, stats, update, stop of older clients
api POST '/v1.29/containers/x-none/wait?condition=foo'; api POST '/v1.30/containers/x-none/wait?condition=foo'; for v in 1.40 1.41; do curl -s --max-time 1 --unix-socket $SOCKET "http://d/v$v/containers/x-v/stats?stream=1&one-shot=1" | grep -o 'message.*'; done; for v in 1.39 1.40 1.41 1.42; do api POST /v$v/containers/x-a/update '{"PidsLimit":50}'; docker inspect -f '{{.HostConfig.PidsLimit}}' x-a; api POST /v$v/containers/x-a/update '{"PidsLimit":-1,"KernelMemory":5}'; done; api POST '/v1.41/containers/x-v/stop?signal=FOO'

# the end
docker rm -f x-v x-a; docker network rm x-net; docker rmi x-tag
