# containers in all states
docker create --name x-new busybox sleep 100 >/dev/null; docker run -d --name x-run busybox sleep 1000 >/dev/null; docker run -dit --name x-tty busybox sh >/dev/null; docker run -d --name x-pau busybox sleep 1000 >/dev/null; docker pause x-pau >/dev/null; docker run --name x-end busybox sh -c 'echo a; exit 5'; docker run -d --name x-bad busybox /nope >/dev/null 2>&1; docker run -d --name x-again --restart always busybox false >/dev/null; for i in 1 2 3 4 5; do until_status x-again restarting; sleep 0.4; done; until_status x-again restarting

# queries of logs
for q in '' stdout=1 'stdout=0&stderr=0' 'stdout=1&tail=0' 'stdout=1&tail=x' 'stdout=1&tail=-1' 'stdout=1&since=x' 'stdout=1&since=1.x' 'stdout=1&since=99999999999999999999' 'stdout=1&until=x' 'stdout=1&until=1' 'stdout=1&since=5&until=1' 'stdout=1&details=1'; do api GET "/containers/x-end/logs?$q" | tr '\0\1' '.!'; done; api GET '/containers/x-none/logs?stdout=1&since=x'; api GET /containers/x-none/logs; api GET '/containers/x-tty/logs?stdout=1&tail=0'

# queries of the size of a terminal
for n in x-new x-run x-tty x-none; do for q in '' h=1 'h=a&w=1' 'h=1&w=-1' 'h=10&w=10' 'h=0&w=0' 'h=99999999999&w=1' 'h=70000&w=1'; do api POST "/containers/$n/resize?$q" | tr '\n' ' '; echo; done; done

# signals
for n in x-new x-run x-none; do for s in FOO 0 -1 +1 99 '' WINCH winch 28 SIGRTMIN%2B3 %2B28; do [ "$n$s" = x-run ] || [ "$n$s" = x-run+1 ] || [ "$n$s" = x-runSIGRTMIN%2B3 ] || api POST "/containers/$n/kill?signal=$s" | tr '\n' ' '; echo; done; done

# a signal wakes what is paused
mark; api POST '/containers/x-pau/kill?signal=WINCH'; docker inspect -f '{{.State.Status}}' x-pau; until_status x-pau running; since --filter container=x-pau; docker exec x-pau echo awake; docker pause x-pau

# names to be
for q in '' name= name=x-run name=/x-run name=bad%20name name=-x name=.. name=a/b name=x; do api POST "/containers/x-new/rename?$q"; done; api POST '/containers/x-none/rename?name=x-y'; api POST '/containers/x-new/rename?name=/x-new2'; api POST '/containers/x-new2/rename?name=x-new'

# times and signals of stop and restart
for v in stop restart; do for q in t=x t=1.5 t=99999999999999999999; do api POST "/containers/x-run/$v?$q"; done; api POST "/containers/x-run/$v?signal=FOO"; api POST "/containers/x-none/$v?signal=FOO&t=x"; done; api POST '/containers/x-again/stop?signal=FOO'; api POST '/containers/x-end/stop?signal=FOO'; api POST /containers/x-bad/restart

# conditions of wait
for q in condition=foo condition=removed%20 condition=Removed; do api POST "/containers/x-run/wait?$q"; done; api POST '/containers/x-end/wait'; api POST '/containers/x-none/wait?condition=foo'; api POST /containers/x-new/wait

# attach
for n in x-new x-end x-pau x-none x-again; do for q in '' stream=0 detachKeys=foo 'stream=0&logs=1&stdout=1'; do until_status x-again restarting; api POST "/containers/$n/attach?$q" | tr '\0\1' '.!'; done; done

# verbs that a restarting container refuses
for p in '/exec' /pause /unpause '/resize?h=1&w=1' /top; do case $p in /top) m=GET ;; *) m=POST ;; esac; until_status x-again restarting; api $m /containers/x-again$p '{"Cmd":["true"]}'; done; until_status x-again restarting; api DELETE /containers/x-again; api DELETE /containers/x-run; api DELETE /containers/x-pau; api DELETE '/containers/x-run?link=1'; api DELETE '/containers/x-none?link=1'

# verbs of a container that never ran, of one that ended
for n in x-new x-end x-bad; do for p in /exec /pause /unpause /kill /stop; do api POST /containers/$n$p '{"Cmd":["true"]}' | sed 's/"Id":"[^"]*"/ID/'; done; api GET /containers/$n/top; done

# ps in a container
for q in '' ps_args=foo 'ps_args=-o%20comm' 'ps_args=-o%20pid,comm' 'ps_args=-o%20pid,comm%20f'; do api GET "/containers/x-tty/top?$q" | sed -E 's/"[0-9]+"/N/g;s/"[0-9:]+"/T/g' | cut -c1-200; done

# paths of archives
for m in GET HEAD; do for q in '' path= path=/nope path=/etc/passwd/x; do raw $m "/containers/x-run/archive?$q" | head -3; done; done; head -c 1024 /dev/zero >empty.tar; for q in '' path=/nope path=/etc/passwd path=/tmp; do put "/containers/x-run/archive?$q" empty.tar; done

# checkpoints
raw GET /containers/x-run/checkpoints; raw POST /containers/x-run/checkpoints; raw DELETE /containers/x-run/checkpoints/x; api POST '/containers/x-run/start?checkpoint=x'

# limits of a list
for q in limit=-5 limit=x limit=1.5 limit=99999999999999999999 limit= limit=0 limit=1; do api GET "/containers/json?$q" | sed 's/^\[{.*/list/'; done

# filters of a list: their forms
for f in '' '{}' '[]' x null '"x"' 1 '{"foo":["a"]}' '{"status":["foo"]}' '{"status":{"exited":true}}' '{"status":{"exited":false}}' '{"status":"exited"}' '{"status":[1]}' '{"status":{"exited":1}}' '{"status":[]}' '{"status":{}}' '{"status":null}' '{"Status":["exited"]}' '{"status":["exited"]} x'; do echo "$f"; curl -sG --unix-socket $SOCKET --data-urlencode "filters=$f" http://d/containers/json | grep -oE '"Names":\["[^"]*|^\{.*|^\[\]' | sort | tr '\n' ' '; echo; done

# filters of a list: their values
for f in '{"exited":["x"]}' '{"exited":["5"]}' '{"name":["["]}' '{"id":["["]}' '{"ancestor":["BAD X"]}' '{"before":["x-none"]}' '{"since":["x-none"]}' '{"health":["foo"]}' '{"is-task":["x"]}' '{"is-task":["true"]}' '{"isolation":["x"]}' '{"publish":["x"]}' '{"expose":["x/y/z"]}' '{"running":["true"]}'; do echo "$f"; curl -sG --unix-socket $SOCKET --data-urlencode "filters=$f" http://d/containers/json | grep -oE '"Names":\["[^"]*|^\{.*|^\[\]' | sort | tr '\n' ' '; echo; done

# filters of prune
for f in '{"foo":["a"]}' x '{"until":["x"]}' '{"until":["1h","2h"]}' '{"until":["99999h"]}' '{"label":["none"]}' '{"until":["10"]}' '{"label!":["a"],"until":["2000-01-01"]}'; do curl -sG -X POST --unix-socket $SOCKET --data-urlencode "filters=$f" http://d/containers/prune; done

# kinds of disk usage
for q in type=foo type= Type=container type=container,image 'type=container&type=foo'; do api GET "/system/df?$q" | cut -c1-14; done; curl -s --unix-socket $SOCKET 'http://d/system/df?type=container' | keys

# queries of events
for q in since=x until=x 'since=2&until=1' until=1 'since=1.x&until=3' 'since=99999999999999999999&until=1' 'filters=x&until=1' 'filters=%5B%5D&until=1'; do api GET "/events?$q"; done

# the end
docker rm -fv x-new x-run x-tty x-pau x-end x-bad x-again
