# a container
docker run -d --name x-h busybox sleep 1000 >/dev/null

# paths: unknown, wrong method, slash at the end
for p in /nope / /containers /containers/json/ /exec /v1.51 /v1.51/ /v1.51/nope; do raw GET $p; done; raw PUT /containers/json; raw DELETE /containers/x-h/start; raw GET /containers/create; raw PATCH /containers/x-h/json

# paths that are not tidy
for p in '//containers/json?all=1' /containers//json /containers/../info /containers/./json /containers/%2e%2e/info /v1.51//info; do raw GET "$p" | head -1; done; raw POST //containers/x-h/start | head -1

# OPTIONS
raw OPTIONS /containers/json; raw OPTIONS /nope; raw OPTIONS /v1.10/containers/json

# HEAD
raw HEAD /_ping; raw HEAD /containers/json; raw HEAD /containers/x-none/archive?path=/

# versions: too old, too new, odd
for v in v1.23 v1.10 v1 v1. v1.52 v99 v1.51.1 v2.0 v1.240; do raw GET /$v/containers/json; done; for v in vX V1.51 v; do raw GET /$v/containers/json; done; for v in v1.24 v1.51 v1.51.0 v01.51; do raw GET /$v/containers/x-none/json; done

# an empty name
raw DELETE /containers/; raw POST /commit; raw POST '/commit?container='; raw GET /containers//json

# names that are none
for n in C-H %20 x-h%20 %00 %C3%A9 'sha256:x' x-h%2Fy; do raw GET /containers/$n/json; done

# names with a slash, ids, prefixes
id=$(docker inspect -f '{{.Id}}' x-h); for n in %2Fx-h $id $(echo $id | cut -c1-12) $(echo $id | cut -c1-5); do api GET /containers/$n/json | head -c 3; echo; done; for n in ${id}0 $(echo $id | cut -c1-12)z; do api GET /containers/$n/json | cut -c1-30; done

# bodies of a create
J='Content-Type: application/json'; raw POST /containers/create; raw POST /containers/create -H "$J" -d ''; for b in ' ' '{}' null '[]' '"x"' 1 true nope '{"Image":"bus' '{"Image":"x-n"} {}' '{"Image":"x-n"} x' '{"Image":"x-n","Foo":{}}' '{"image":"x-n"}' '{"Image":"x-n",}' '{"a" 1}' '{"Image":"\x"}' '{"Image":"\u12"}' "{'a':1}" '{"StopTimeout":NaN}' '{"Foo":1}' '{"HostConfig":null}'; do api POST /containers/create "$b"; done

# bodies of an update, an exec, a start of an exec, a commit
for p in /containers/x-h/update /containers/x-h/exec /exec/none/start '/commit?container=x-none' /containers/x-none/update /containers/x-none/exec; do raw POST $p; for b in '{}' null '[]' nope '{"a":' '{} {}'; do api POST $p "$b"; done; done

# bodies where none belongs
for p in /containers/x-h/start '/containers/x-h/kill?signal=0' /containers/x-h/rename; do api POST $p '{}'; api POST $p '{"a":"bcdefg"}'; api POST $p nope; done

# kinds of content
for t in '' text/plain 'application/json; charset=utf-8' 'application/json;' APPLICATION/JSON 'application/json, a' application/jsonx json 'a b' application/ /json 'application/json; a' 'application/json;charset="x' 'application/json; a="b;c"' multipart/form-data; do curl -s --unix-socket $SOCKET -H "Content-Type:${t:+ }$t" -d '{"Image":"x-n"}' http://d/containers/create; done

# chunked bodies
raw POST /containers/create -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' -d '{"Image":"x-n"}'; raw POST /containers/x-h/start -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' -d '{}'

# a large body
{ printf '{"Image":"x-n","Env":["A='; head -c 5000000 /dev/zero | tr '\0' x; echo '"]}'; } >big; raw POST /containers/create -H 'Content-Type: application/json' --data-binary @big; rm big

# the end
docker rm -f x-h
