// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what Dockerfiles are written with

/** A Dockerfile that checks have something to say about. */
export interface CheckCase {
  readonly name: string
  readonly dockerfile: string
  readonly ignore?: string
}

export const cases: readonly CheckCase[] = [
  {
    name: 'check without meaning',
    dockerfile: `# check=skip=NotARule;foo=bar
FROM busybox
`,
  },
  {
    name: 'blank image',
    dockerfile: `ARG Q
FROM $Q
`,
  },
  {
    name: 'casing',
    dockerfile: `from busybox
Run true
RUN true
copy a.txt /
`,
  },
  {
    name: 'casing2',
    dockerfile: `FROM busybox
run true
RUN true
Copy a.txt /
`,
  },
  {
    name: 'constant platform',
    dockerfile: `FROM --platform=linux/amd64 busybox AS a
FROM --platform=linux/amd64 busybox
COPY --from=a /etc/passwd /x
`,
  },
  {
    name: 'copyfrom',
    dockerfile: `FROM busybox AS Base
FROM busybox
COPY --from=BASE /etc/passwd /
RUN --mount=type=bind,from=Base,target=/x true
`,
  },
  {
    name: 'descriptions',
    dockerfile: `# check=experimental=all
# bar this is bar
ARG foo=1
# foo this is good
ARG foo
# BAR wrong
FROM busybox AS bar

# b is
FROM busybox AS b
# nothing
ARG Z
`,
  },
  {
    name: 'descriptions apart',
    dockerfile: `# check=experimental=InvalidDefinitionDescription
# foo d

ARG foo2
#foo3 d
ARG foo3
   # foo4 d
ARG foo4
# one
# foo5 two
ARG foo5
# x
ARG a1 a2
# a3 multi
ARG a3=1 a4=2
FROM busybox
# hello
ENV x=1
# z yes
ARG z
# nope
RUN true
# nope
FROM busybox
`,
  },
  {
    name: 'names twice',
    dockerfile: `FROM busybox AS a
FROM busybox AS b
FROM busybox AS A
FROM scratch AS scratch
FROM busybox AS context
`,
  },
  {
    name: 'empty continuation',
    dockerfile: `FROM busybox
RUN echo \\

  hi
RUN echo \\
# comment

  x
`,
  },
  {
    name: 'expose',
    dockerfile: `FROM busybox
EXPOSE 80/TCP 81/Udp 82
EXPOSE 127.0.0.1:80:80
EXPOSE 90:90/tcp
EXPOSE 100-200/TCP
`,
  },
  {
    name: 'secrets before FROM',
    dockerfile: `ARG PASSWORD=x
FROM busybox
ARG PASSWORD
`,
  },
  {
    name: 'heredoc',
    dockerfile: `FROM busybox
RUN <<EOF
echo $FOO
EOF
COPY <<EOF /x
$UNDEF \${B:-c}
EOF
`,
  },
  {
    name: 'ignored by a pattern',
    dockerfile: `# check=experimental=CopyIgnoredFile
FROM busybox
ARG F=secret.txt
COPY $F /
COPY /secret.txt ./src/../secret.txt /x/
COPY src /src
COPY src/* /src
ADD https://x/secret.txt /
COPY --from=busybox secret.txt /
FROM busybox
COPY src/c.txt missing.txt /
`,
    ignore: `secret.txt
src/**
missing.txt
`,
  },
  {
    name: 'ignored but what is taken back',
    dockerfile: `# check=experimental=all
FROM busybox
COPY a.txt /
COPY src/b.txt src /
COPY secret.txt /
`,
    ignore: `*
!src
`,
  },
  {
    name: 'ignored',
    dockerfile: `# check=experimental=all
FROM busybox AS z
FROM busybox
COPY secret.txt /
COPY a.txt /
COPY src /src
COPY ./src/b.txt /
ADD secret.txt a.txt /d/
COPY --from=z /etc/passwd /secret.txt
COPY s*.txt /
COPY . /all
RUN --mount=type=bind,source=secret.txt,target=/q true
`,
    ignore: `secret.txt
src
!a.txt
`,
  },
  {
    name: 'ignored2',
    dockerfile: `# check=experimental=all
FROM busybox
COPY secret.txt /
COPY src/b.txt src/keep /
COPY src/ /
COPY <<EOF /secret.txt
x
EOF
ADD https://example.com/secret.txt /
FROM busybox
COPY secret.txt /
`,
    ignore: `**/*.txt
!src/b.txt
`,
  },
  {
    name: 'invalidplatform',
    dockerfile: `FROM --platform=foo/bar/baz/x busybox
`,
  },
  {
    name: 'empty image name',
    dockerfile: `ARG TAG
FROM busybox:\${TAG}
ARG E=
FROM busybox:\${E:-latest}
`,
  },
  {
    name: 'empty tag',
    dockerfile: `ARG TAG
FROM busybox:\${TAG} AS x
FROM busybox\${TAG}
`,
  },
  {
    name: 'shell form',
    dockerfile: `FROM busybox
CMD echo hi
ENTRYPOINT foo bar
FROM busybox
SHELL ["/bin/sh", "-c"]
CMD echo hi
ENTRYPOINT foo
`,
  },
  {
    name: 'legacy',
    dockerfile: `FROM busybox
ENV A b c
LABEL x y
ENV A=b
LABEL q "z z"
`,
  },
  {
    name: 'maintainer',
    dockerfile: `FROM busybox
MAINTAINER me
`,
  },
  {
    name: 'missing',
    dockerfile: `FROM busybox
COPY nothing.txt /
CMD echo
`,
  },
  {
    name: 'several of a kind',
    dockerfile: `FROM busybox AS a
CMD ["a"]
CMD ["b"]
ENTRYPOINT ["a"]
ENTRYPOINT ["b"]
HEALTHCHECK CMD a
HEALTHCHECK CMD b
HEALTHCHECK NONE
FROM a
CMD ["c"]
`,
  },
  {
    name: 'no stage',
    dockerfile: `RUN x
`,
  },
  {
    name: 'check=error',
    dockerfile: `# check=skip=JSONArgsRecommended;error=true
FROM busybox
CMD echo hi
MAINTAINER x
`,
  },
  {
    name: 'onbuild',
    dockerfile: `FROM busybox
ONBUILD CMD echo hi
ONBUILD ENV A b
onbuild RUN x
`,
  },
  {
    name: 'unknown instruction',
    dockerfile: `FROM busybox
COPPY a b
CMD echo
`,
  },
  {
    name: 'platforms in names',
    dockerfile: `FROM --platform=linux/amd64 busybox AS build-amd64
FROM --platform=linux/amd64 busybox AS linux
FROM --platform=linux/\${TARGETARCH} busybox AS y
FROM --platform=linux/amd64 busybox AS y3
FROM y3
`,
  },
  {
    name: 'redundant',
    dockerfile: `FROM --platform=$TARGETPLATFORM busybox AS a
FROM --platform=\${TARGETPLATFORM} busybox
`,
  },
  {
    name: 'secrets',
    dockerfile: `FROM busybox
ARG AWS_SECRET_ACCESS_KEY
ENV API_KEY=abc PASSWORD=x
ARG DB_PASSWORD=1 TOKEN
ENV GIT_AUTH_TOKEN=1
ENV PUBLIC_KEY=1 TOKEN_FILE=1 SECRETLY=1 my_passwd=1 keys=1 credential=1 Auth=1 APIKEY=1
LABEL SECRET=1
`,
  },
  {
    name: 'wrong words',
    dockerfile: `FROM busybox
CMD echo
COPY --from=nope7 /a
`,
  },
  {
    name: 'check=skip=all',
    dockerfile: `# check=skip=all
FROM busybox
CMD echo
`,
  },
  {
    name: 'stagename',
    dockerfile: `FROM busybox AS Build
FROM build as X
RUN true
`,
  },
  {
    name: 'suggestions',
    dockerfile: `FROM busybox
ENV B=1 CD=2 EFG=3
LABEL a=$A b=$CE c=$EFH d=$EGG e=$EFGHI f=$XYZ g=$PTAH h=$Pat
`,
  },
  {
    name: 'undefined in FROM',
    dockerfile: `ARG V=latest
FROM busybox:$V AS a
FROM busybox:$VV AS b
FROM \${BUILDPLATFROM:-busybox} AS c
FROM --platform=$BULDPLATFORM busybox AS d
`,
  },
  {
    name: 'undefined variables',
    dockerfile: `FROM busybox
ENV FOO=1
COPY $FO /x
ENV A=$PAHT:/bin
ENV B=$NOWHERE
WORKDIR /$FOOO
LABEL x=$foo
ARG Q
RUN echo $UNDEFINED
ENV Z=$Q
`,
  },
  {
    name: 'error in a stage not needed',
    dockerfile: `FROM busybox AS a
EXPOSE zz
FROM busybox
`,
  },
  {
    name: 'upper case image',
    dockerfile: `FROM Bad
`,
  },
  {
    name: 'workdir by variables',
    dockerfile: `FROM busybox
ARG D=rel
ENV E=/abs
WORKDIR $D
FROM busybox
ENV E=/abs
WORKDIR $E
WORKDIR x
FROM busybox AS w
WORKDIR /x
FROM w
WORKDIR y
`,
  },
  {
    name: 'workdir',
    dockerfile: `FROM busybox
WORKDIR app
WORKDIR sub
FROM busybox
WORKDIR /app
WORKDIR sub
FROM busybox
WORKDIR "app"
FROM busybox
WORKDIR c:/x
`,
  },
]

/** Dockerfiles whose outline and targets are asked for, with the target. */
export const outlines: readonly (CheckCase & { readonly target?: string })[] = [
  {
    name: 'secrets and agents',
    dockerfile: `# VER the version
ARG VER=latest
ARG UNUSED=1
# base is the base stage
FROM busybox:$VER AS base
# FOO foo value
ARG FOO=bar
ARG BAR
RUN --mount=type=secret,id=tok,required --mount=type=secret,id=opt --mount=type=ssh echo $FOO
RUN --mount=type=cache,target=/c,id=mycache --mount=type=cache,target=/d true

# other stage two
FROM busybox AS other
ARG FOO=baz
ARG TARGETARCH
RUN --mount=type=ssh,id=key,required true

# final does all
FROM base AS final
ARG LAST="a b"
COPY --from=other /etc/passwd /x
RUN --mount=type=secret,id=tok true
RUN --mount=type=secret,target=/x/y,env=ZZ true

FROM scratch
`,
  },
  {
    name: 'secrets and agents of a target',
    dockerfile: `# VER the version
ARG VER=latest
ARG UNUSED=1
# base is the base stage
FROM busybox:$VER AS base
# FOO foo value
ARG FOO=bar
ARG BAR
RUN --mount=type=secret,id=tok,required --mount=type=secret,id=opt --mount=type=ssh echo $FOO
RUN --mount=type=cache,target=/c,id=mycache --mount=type=cache,target=/d true

# other stage two
FROM busybox AS other
ARG FOO=baz
ARG TARGETARCH
RUN --mount=type=ssh,id=key,required true

# final does all
FROM base AS final
ARG LAST="a b"
COPY --from=other /etc/passwd /x
RUN --mount=type=secret,id=tok true
RUN --mount=type=secret,target=/x/y,env=ZZ true

FROM scratch
`,
    target: 'final',
  },
  {
    name: 'nothing',
    dockerfile: `FROM busybox
RUN true
`,
  },
  {
    name: 'names',
    dockerfile: `# first stage one
FROM busybox AS first
FROM first as second
FROM second
`,
  },
  {
    name: 'arguments',
    dockerfile: `# G g
ARG G=1
# H h
ARG H
# I i
ARG I=2
FROM busybox AS base
# A unused
ARG A=1
# B in env
ARG B=2
ENV X=$B
# G local
ARG G
ARG I=3
FROM base
# C c
ARG C=$B
LABEL q=\${G} z=$H
ARG TARGETOS
# TARGETARCH x
ARG TARGETARCH=foo
COPY --from=base $C /x
ARG HTTP_PROXY
ARG D=5
`,
  },
]
