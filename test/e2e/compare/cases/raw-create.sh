# fields of the wrong type: the configuration
for f in Hostname AttachStdin ExposedPorts Env Cmd Healthcheck Volumes Labels StopTimeout HostConfig NetworkingConfig; do for v in 1.5 '"x"' '[1]' '{"a":1}'; do printf "$f $v: "; api POST /containers/create "{\"Image\":\"x-n\",\"$f\":$v}" | line; done; done

# fields of the wrong type: the host
for f in Binds LogConfig NetworkMode PortBindings RestartPolicy AutoRemove ConsoleSize CapAdd IpcMode Tmpfs ShmSize Memory BlkioWeight BlkioDeviceReadBps Devices DeviceRequests Ulimits IOMaximumIOps Mounts PidsLimit OomScoreAdj; do for v in 1.5 '[1]' '{"a":1}'; do printf "$f $v: "; api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"$f\":$v}}" | line; done; done

# numbers out of range
for f in Memory CpuShares PidsLimit BlkioWeight OomScoreAdj; do for v in 1e+30 -1e+30; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"$f\":$v}}" | line; done; done

# null is nothing
for f in Memory IpcMode PidMode UTSMode CgroupnsMode RestartPolicy BlkioWeight CpuPeriod Binds; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"$f\":null}}" | line; done; api POST /containers/create '{"Image":"x-n","Healthcheck":{"Interval":null}}'

# bad values of the host, told before the image is looked for
for b in '"IpcMode":"x"' '"IpcMode":"container"' '"PidMode":"x"' '"PidMode":"container:"' '"UTSMode":"x"' '"CgroupnsMode":"x"' '"Tmpfs":{"a":""}' '"Tmpfs":{"/":""}' '"Runtime":"x"' '"Isolation":"x"' '"IOMaximumIOps":4' '"IOMaximumBandwidth":4' '"OomScoreAdj":1001' '"ShmSize":-1' '"Annotations":{"":"x"}' '"CapAdd":["X"]' '"CapDrop":"X"' '"NetworkMode":"container:"' '"NetworkMode":"host","Links":["a"]' '"Memory":5' '"CpuShares":-1' '"CpusetCpus":"x"' '"CpusetMems":"x"' '"MemoryReservation":5' '"MemorySwap":5' '"NanoCpus":-1' '"CpuPeriod":5' '"CpuQuota":5' '"CpuRealtimePeriod":5,"CpuRealtimeRuntime":9' '"RestartPolicy":{"Name":"x"}' '"RestartPolicy":{"MaximumRetryCount":-1}' '"AutoRemove":true,"RestartPolicy":{"Name":"always"}'; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{$b}}" | line; done

# bad values that are told only once there is an image
for b in '"SecurityOpt":["x"]' '"LogConfig":{"Type":"x"}' '"Binds":["a:b"]' '"VolumesFrom":["x-none"]' '"UsernsMode":"x"'; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{$b}}" | line; api POST /containers/create "{\"Image\":\"busybox\",\"HostConfig\":{$b}}" | line; done

# bad values of the configuration
for b in '"WorkingDir":"x"' '"StopSignal":"x"' '"Env":[""]' '"Env":["=x"]' '"Healthcheck":{"Interval":5}' '"Healthcheck":{"Retries":-1}' '"Hostname":"a","HostConfig":{"UTSMode":"host"}' '"Hostname":"a","HostConfig":{"NetworkMode":"container:x"}'; do api POST /containers/create "{\"Image\":\"x-n\",$b}" | line; done

# what is told first
api POST /containers/create '{"Image":"x-n","WorkingDir":"y","Env":[""],"HostConfig":{"Memory":5,"IpcMode":"x"}}'; api POST /containers/create '{"Image":"x-n","HostConfig":{"Memory":5,"IpcMode":"x"}}'; api POST '/containers/create?name=-' '{"Image":"x-n"}'; api POST '/containers/create?name=-' '{"Image":"busybox","HostConfig":{"LogConfig":{"Type":"x"}}}'

# hosts to add
for h in a a: a:b :1.1.1.1 a=1.1.1.1 a:1.1.1.1 a:::1 a:[::1] a:host-gateway; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"ExtraHosts\":[\"$h\"]}}" | line; done

# ports
for k in a 70000 80-81/tcp -1 1.5; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"PortBindings\":{\"$k\":[{}]}}}" | line; done; for h in x 2-1 70000 1-2 7/udp 1-2-3 -1; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"$h\"}]}}}" | line; done

# mounts
for m in '{}' '{"Type":"x"}' '{"Type":"bind"}' '{"Target":"x"}' '{"Type":"bind","Target":"/x"}' '{"Type":"bind","Source":"x","Target":"/x"}' '{"Type":"bind","Source":"/nope-x","Target":"/x"}' '{"Type":"volume","Target":"/"}' '{"Type":"tmpfs","Source":"x","Target":"/x"}' '{"Type":"tmpfs","Target":"/x","TmpfsOptions":{"SizeBytes":-1}}' '{"Type":"tmpfs","Target":"/x","TmpfsOptions":{"Options":[["uid","5"]]}}' '{"Type":"tmpfs","Target":"/x","TmpfsOptions":{"Options":[["a","b","c"]]}}' '{"Type":"tmpfs","Target":"/x","TmpfsOptions":{"Options":[["exec"]]}}' '{"Type":"bind","Source":"/tmp","Target":"/x","VolumeOptions":{}}' '{"Type":"volume","Target":"/x","BindOptions":{}}' '{"Type":"volume","Target":"/x","ImageOptions":{}}' '{"Type":"volume","Target":"/x","VolumeOptions":{"Subpath":"a"}}' '{"Type":"volume","Source":"x-v","Target":"/x","VolumeOptions":{"Subpath":"/a"}}' '{"Type":"bind","Source":"/tmp","Target":"/x","BindOptions":{"Propagation":"x"}}' '{"Type":"cluster","Source":"x","Target":"/x"}' '{"Type":"npipe","Source":"x","Target":"/x"}'; do api POST /containers/create "{\"Image\":\"x-n\",\"HostConfig\":{\"Mounts\":[$m]}}" | line; done

# the same without options, as inspect tells it
api POST '/containers/create?name=x-bare' '{"Image":"busybox"}' | cut -c1-5; docker inspect -f '{{json .HostConfig}} {{json .Config}}' x-bare | sed 's/"Hostname":"[^"]*"/"Hostname":"H"/'; docker rm x-bare

# no image at all
api POST '/containers/create?name=x-void' '{"Cmd":["x"]}' | sed 's/"Id":"[^"]*"/ID/'; docker inspect -f '{{.Image}} {{.Config.Image}} {{.Path}}' x-void; echo in >f; docker cp f x-void:/f; docker cp x-void:/f - | tar tf -; docker rm x-void; api POST /containers/create '{"Image":""}'

# exposed and bound ports, health checks, as inspect tells them
api POST '/containers/create?name=x-ports' '{"Image":"busybox","ExposedPorts":{"80/tcp":{}},"HostConfig":{"PortBindings":{"81/tcp":[{}]}},"Healthcheck":{"Retries":2,"Interval":1000000000,"Test":["CMD","true"],"Timeout":0}}' | cut -c1-5; docker inspect -f '{{json .Config.ExposedPorts}} {{json .HostConfig.PortBindings}} {{json .Config.Healthcheck}}' x-ports; docker rm x-ports

# networks: which ones a container is in
docker network create x-net >/dev/null; for b in '"NetworkingConfig":{"EndpointsConfig":{"x-net":{}}}' '"HostConfig":{"NetworkMode":"x-net"}' '"HostConfig":{"NetworkMode":"bridge"},"NetworkingConfig":{"EndpointsConfig":{"x-net":{"Aliases":["z"]}}}' '"HostConfig":{"NetworkMode":"x-net"},"NetworkingConfig":{"EndpointsConfig":{"x-net":{},"bridge":{}}}' '"NetworkingConfig":{"EndpointsConfig":{"default":{}}}'; do api POST '/containers/create?name=x-n' "{\"Image\":\"busybox\",$b}" | cut -c1-5; docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.Aliases}} {{end}}' x-n; docker rm x-n >/dev/null; done; docker network rm x-net

# addresses of the link layer
for b in '"MacAddress":"zz"' '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"zz"}}}' '"MacAddress":"02:42:ac:11:00:99"' '"MacAddress":"02:42:ac:11:00:99","NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"02:42:ac:11:00:98"}}}' '"MacAddress":"02:42:ac:11:00:99","HostConfig":{"NetworkMode":"host"}' '"MacAddress":"02:42:ac:11:00:99","HostConfig":{"NetworkMode":"default"}'; do for v in 1.43 1.51; do api POST "/v$v/containers/create?name=x-m" "{\"Image\":\"busybox\",$b}" | sed 's/"Id":"[^"]*"/ID/'; docker inspect -f '{{json .Config}} {{json .NetworkSettings.Networks}}' x-m 2>/dev/null | grep -o '"MacAddress":"[^"]*"'; docker rm x-m >/dev/null 2>&1; done; done
