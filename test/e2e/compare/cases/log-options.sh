# values of json-file
for o in 'max-size=0' 'max-size=abc' 'max-file=0' 'max-file=x' 'compress=x' 'compress=true'; do docker run --rm --log-opt $o busybox true; done; docker run --rm --log-opt compress=true --log-opt max-size=1m busybox true; docker run --rm --log-opt compress=true --log-opt max-size=1m --log-opt max-file=2 busybox echo good

# values of local
for o in 'max-size=abc' 'max-size=0' 'max-file=0' 'max-file=x' 'compress=x' 'max-file=1'; do docker run --rm --log-driver local --log-opt $o busybox true; done

# delivery
docker run --rm --log-opt mode=x busybox true; docker run --rm --log-opt max-buffer-size=1m busybox true; docker run --rm --log-opt mode=non-blocking --log-opt max-buffer-size=x busybox true
