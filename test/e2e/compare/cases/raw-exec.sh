# a container, and a way to make an exec in it
docker run -d --name x-e busybox sleep 1000 >/dev/null; echo ok

# fields of the wrong type
for f in User DetachKeys WorkingDir Privileged Tty Env Cmd ConsoleSize Detach; do for v in 5 '"x"' '[1]' '{"a":1}' true; do printf "$f $v: "; api POST /containers/x-none/exec "{\"Cmd\":[\"true\"],\"$f\":$v}" | line; done; done; for f in Detach Tty ConsoleSize; do for v in 5 '"x"' '["a"]'; do api POST /exec/none/start "{\"$f\":$v}" | line; done; done

# bad values
for b in '"DetachKeys":"foo"' '"DetachKeys":"ctrl-x"' '"Env":["=x"]' '"Env":[""]' '"User":"x y"' '"WorkingDir":"rel"' '"ConsoleSize":[1]' '"ConsoleSize":[1,2,3]'; do api POST /containers/x-e/exec "{\"Cmd\":[\"true\"],$b}" | sed 's/"Id":"[^"]*"/ID/'; done; for c in '[]' '[""]' null; do api POST /containers/x-e/exec "{\"Cmd\":$c}" | sed 's/"Id":"[^"]*"/ID/'; done

# inspect of the container tells those that have not begun
docker inspect -f '{{len .ExecIDs}}' x-e

# one by name, by prefix, none
id=$(curl -s --unix-socket $SOCKET -H 'Content-Type: application/json' -d '{"Cmd":["sh","-c","cat; exit 4"],"AttachStdin":true,"AttachStdout":true}' http://d/containers/x-e/exec | sed 's/.*"Id":"\([^"]*\).*/\1/'); echo $id >id; for i in $(echo $id | cut -c1-12) x-e none; do api GET /exec/$i/json; done; raw GET /exec/$id/json | grep -c '"ExitCode":null'; raw DELETE /exec/$id; raw POST /exec/$id/json

# size of its terminal
for q in '' h=1 'h=a&w=1' 'h=1&w=-1' 'h=99999999999&w=1'; do api POST "/exec/$(cat id)/resize?$q" | tr '\n' ' '; echo; done

# start without a body, without an upgrade
printf 'POST /exec/%s/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}words' $(cat id) | timeout 5 curl -s --max-time 1 --unix-socket $SOCKET http://d/_ping; raw POST /exec/$(cat id)/start -H 'Content-Type: text/plain' -d '{}'; raw POST /exec/none/start; raw POST /exec/none/start -H 'Content-Type: application/json' -d '{"Detach":true}'

# in a paused container
docker pause x-e >/dev/null; api POST /containers/x-e/exec '{"Cmd":["true"]}'; api POST /exec/$(cat id)/start '{"Detach":true}'; docker unpause x-e >/dev/null

# start after the container ended
docker stop -t 0 x-e >/dev/null; api POST /exec/$(cat id)/start '{"Detach":true}'; docker inspect -f '{{json .ExecIDs}}' x-e; api GET /exec/$(cat id)/json | head -1

# the end
docker rm -f x-e
