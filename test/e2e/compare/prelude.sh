# What the cases of all tables may use.
docker() { command "$CLIENT" "$@"; }
# api METHOD PATH [BODY]: the status, then the body
api() {
  method=$1 path=$2 body=${3-}
  case $method in HEAD) set -- -I ;; *) set -- -X "$method" ;; esac
  [ -z "$body" ] || set -- "$@" -H 'Content-Type: application/json' -d "$body"
  curl -s --max-time 20 -o "$WORK/body" -w '%{http_code} %{content_type}\n' --unix-socket "$SOCKET" "$@" "http://d$path"
  cat "$WORK/body"; echo
}
# put PATH-AND-QUERY FILE: an archive into a container
put() { curl -s --max-time 20 -w ' %{http_code}\n' --unix-socket "$SOCKET" -H 'Content-Type: application/x-tar' -T "$2" "http://d$1"; }
# pathstat CONTAINER PATH: the decoded header of HEAD archive
pathstat() {
  curl -sI --max-time 20 --unix-socket "$SOCKET" "http://d/containers/$1/archive?path=$2" | tr -d '\r' |
    while read -r key value; do case $key in HTTP/*) echo "$value" ;; X-Docker-Container-Path-Stat:) echo "$value" | base64 -d; echo ;; esac; done
}
# mark: events from now on are what `since` tells
mark() { date +%s.%N >"$WORK/mark"; }
since() { docker events --since "$(cat "$WORK/mark")" --until "$(date +%s.%N)" --format '{{.Type}} {{.Action}} {{json .Actor.Attributes}}' "$@"; }
# until_ok COMMAND...: waits for it to succeed
until_ok() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; return 1; }
# until_resting NAME: started four times in vain, now it waits for over a second
until_resting() { for _ in $(seq 200); do [ "$(docker inspect -f '{{.State.Status}} {{.RestartCount}}' "$1")" = 'restarting 5' ] && return; sleep 0.05; done; return 1; }
until_status() { for _ in $(seq 200); do [ "$(docker inspect -f '{{.State.Status}}' "$1" 2>/dev/null)" = "$2" ] && return; sleep 0.05; done; return 1; }
# raw METHOD PATH [CURL-OPTION...]: the status, the headers that clients read, then the body
raw() {
  method=$1 path=$2; shift 2
  case $method in HEAD) set -- -I "$@" ;; *) set -- -X "$method" "$@" ;; esac
  curl -s --path-as-is --max-time 10 -D "$WORK/head" -o "$WORK/body" --unix-socket "$SOCKET" "$@" "http://d$path"
  tr -d '\r' <"$WORK/head" | sed -n '1p;/^\(Api-Version\|Content-Length\|Content-Type\|Docker-Experimental\|Location\|Ostype\|X-Content-Type-Options\):/p' | sort | tr '\n' ' '
  echo; [ "$method" = HEAD ] || cat "$WORK/body"; echo
}
# keys [DEPTH]: which fields a JSON text has
keys() { python3 -c 'import json,sys
def walk(v,p,d):
  if isinstance(v,dict):
    for k in sorted(v):
      print(p+k); d>1 and walk(v[k],p+k+".",d-1)
walk(json.load(sys.stdin),"",int(sys.argv[1]))' "${1:-1}"; }
# line: all of it on one
line() { tr '\n' ' '; echo; }
