// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what Dockerfiles are written with

/** A Dockerfile to be built by both engines. */
export interface Case {
  readonly name: string
  readonly dockerfile: string
  /** path → text; a path that ends with a slash is a directory, a text that begins with `->` a link */
  readonly files?: Readonly<Record<string, string>>
  readonly args?: Readonly<Record<string, string>>
  readonly target?: string
}

type Extra = Omit<Case, 'name' | 'dockerfile'>
const list: Case[] = []
const add = (name: string, dockerfile: string, extra: Extra = {}) => list.push({ name, dockerfile, ...extra })
const on = (name: string, body: string, extra: Extra = {}) => add(name, `FROM busybox\n${body}\n`, extra)
/** each line a case of its own */
const each = (name: string, bodies: readonly string[], extra: Extra = {}) => {
  for (const [i, body] of bodies.entries()) on(`${name} ${i + 1}`, body, extra)
}

const tree = {
  'a.txt': 'a',
  'b.md': 'b',
  'd/c.txt': 'c',
  'd/e/f.txt': 'f',
  'd/e/g.md': 'g',
  'x y.txt': 'space',
  link: '-> a.txt',
  dlink: '-> d',
  'empty/': '',
}

each('env', [
  'ENV A=b',
  'ENV A=b C=d',
  'ENV A b c',
  'ENV A="b c" D=e\\ f',
  'ENV A=\'b "c"\' D="e \'f\'"',
  'ENV A=1\nENV B=$A C=${A}x',
  'ENV A=1 B=$A',
  'ENV A=\\$A B="\\$A" C=\'$A\'',
  'ENV A=${X:-def} B=${X-def} C=${PATH:+set} D=${X:+set}',
  'ENV A=\nENV B=${A:-empty} C=${A-unset} D=${A:+x} E=${A+x}',
  'ENV A=foo.bar.baz\nENV B=${A#*.} C=${A##*.} D=${A%.*} E=${A%%.*}',
  'ENV A=foobarfoo\nENV B=${A/foo/x} C=${A//foo/x} D=${A/nope/x}',
  'ENV A=1\nENV A=2',
  'ENV A="x\\ty"',
  'ENV PATH=$PATH:/foo',
  'ENV A=a\\\n  B=b \\\n  C=c',
  'ENV A==b',
  'ENV A="" B=c',
  'ENV A=$B$C$$',
  'ENV A=${PATH}${NOPE}end',
  'ENV A="multi \\\n  line"',
  'ENV A=${B:-${C:-deep}}',
  'ENV A=aa*b B=?',
])
each('label', [
  'LABEL a=b',
  'LABEL a=b c="d e"',
  'LABEL a b c',
  'LABEL "com.x y"="z"',
  'ENV V=1\nLABEL v=$V w="${V}2"',
  'LABEL a=1\nLABEL a=2 b=3',
  'LABEL multi="x \\\n  y"',
  "LABEL single='$HOME'",
  'LABEL z=1 y=2 x=3',
])
each('arg', [
  'ARG A=1\nENV B=$A',
  'ARG A\nENV B=$A',
  'ARG A=1\nARG B=$A\nENV C=$B',
  'ARG A=1 B=2\nENV C=$A$B',
  'ENV A=env\nARG A=arg\nENV B=$A',
  'ARG A=arg\nENV A=env\nENV B=$A',
  'ENV B=$A\nARG A=1',
  'ARG A="x y"\nENV B=$A',
])
each('arg given', ['ARG A=1\nENV B=$A', 'ARG A\nENV B=$A', 'ENV B=$A', 'ARG A\nARG A=2\nENV B=$A'], {
  args: { A: 'given' },
})
add('arg before from', 'ARG V=latest\nFROM busybox:$V\nENV A=$V\n')
add('arg before from, again inside', 'ARG V=latest\nFROM busybox:${V}\nARG V\nENV A=$V\n')
add('arg before from with a default inside', 'ARG V=latest\nFROM busybox\nARG V=inner\nENV A=$V\n')
add('arg of one stage is not in the next', 'FROM busybox AS a\nARG A=1\nFROM busybox\nENV B=$A\n')
add('arg goes to the stage that stands on it', 'FROM busybox AS a\nARG A=1\nENV E=1\nFROM a\nENV B=$A C=$E\n')
add(
  'platform arguments',
  'FROM busybox\nARG TARGETPLATFORM\nARG TARGETOS\nARG TARGETARCH\nARG BUILDPLATFORM\nENV A=$TARGETPLATFORM B=$TARGETOS C=$TARGETARCH D=$BUILDPLATFORM\n',
)
on('arg in run', 'ARG A=1\nRUN echo $A > /out')
on('proxy argument', 'RUN echo "$HTTP_PROXY" > /out', { args: { HTTP_PROXY: 'http://p' } })

each('cmd', [
  'CMD echo hi',
  'CMD ["echo", "hi"]',
  'CMD ["a", "b c", "d\\"e"]',
  'CMD [a, b]',
  'CMD echo "a b" $HOME',
  'CMD []',
  'ENTRYPOINT ["/a"]',
  'ENTRYPOINT foo bar',
  'ENTRYPOINT []',
  'CMD ["x"]\nENTRYPOINT ["y"]',
  'ENTRYPOINT ["y"]\nCMD ["x"]',
  'CMD a\nCMD b',
  'SHELL ["/bin/ash", "-ec"]\nCMD echo hi',
  'SHELL ["/bin/ash", "-ec"]\nENTRYPOINT echo hi\nCMD ["z"]',
  'SHELL ["/bin/sh", "-c"]\nRUN echo x > /out',
])
add('entrypoint takes an inherited command away', 'FROM busybox AS a\nCMD ["x"]\nFROM a\nENTRYPOINT ["y"]\n')
add(
  'entrypoint keeps a command of its own stage',
  'FROM busybox AS a\nCMD ["x"]\nFROM a\nCMD ["z"]\nENTRYPOINT ["y"]\n',
)

each('workdir', [
  'WORKDIR /a/b',
  'WORKDIR a\nWORKDIR b',
  'WORKDIR /a\nWORKDIR ../c',
  'ENV D=/x\nWORKDIR $D/y',
  'WORKDIR "/with space"',
  'WORKDIR /a/\nRUN pwd > out',
  'WORKDIR /tmp',
  'USER 1000\nWORKDIR /owned',
])
each('meta', [
  'USER 1000',
  'USER root:root',
  'ENV U=7\nUSER $U:$U',
  'EXPOSE 80',
  'EXPOSE 80 443/tcp 53/udp',
  'EXPOSE 8000-8003',
  'ENV P=99\nEXPOSE $P',
  'EXPOSE 80/TCP',
  'VOLUME /data',
  'VOLUME ["/a", "/b c"]',
  'VOLUME /a /b',
  'ENV V=/v\nVOLUME $V/x',
  'STOPSIGNAL SIGKILL',
  'STOPSIGNAL 9',
  'ENV S=SIGINT\nSTOPSIGNAL $S',
  'HEALTHCHECK CMD true',
  'HEALTHCHECK CMD ["a", "b"]',
  'HEALTHCHECK --interval=5s --timeout=3s --retries=4 --start-period=1m --start-interval=2s CMD curl x',
  'HEALTHCHECK NONE',
  'HEALTHCHECK CMD a\nHEALTHCHECK NONE',
  'MAINTAINER me <me@x>',
  'ONBUILD RUN echo hi',
  'ONBUILD COPY . /x\nONBUILD ENV A=b',
  'SHELL ["/bin/sh", "-xc"]',
])
each('run', [
  'RUN echo a > /out',
  'RUN ["/bin/sh", "-c", "echo b > /out"]',
  'RUN echo a > /out && \\\n  echo b >> /out',
  'RUN echo a > /out \\\n  # note\n  && echo c >> /out',
  'RUN mkdir -p /a/b && touch /a/b/c && chmod 600 /a/b/c',
  'RUN rm /bin/ls',
  'RUN touch /x\nRUN rm /x',
  'RUN ln -s /bin/sh /lnk && ln /etc/passwd /hard || true',
  'ENV A=1\nRUN A=2; echo $A > /out',
  'USER 1000\nRUN id -u > /tmp/out',
  'WORKDIR /w\nRUN touch here',
  'RUN true',
  'VOLUME /v\nRUN echo x > /v/y',
  'RUN echo \'single $HOME\' "double $HOME" > /out',
  'RUN mkdir /d && echo 1 > /d/1\nRUN rm -rf /d && mkdir /d && echo 2 > /d/2',
  'RUN umask 077; touch /private; mkdir /pdir',
])
each('heredoc', [
  'RUN <<EOF\necho a > /out\necho b >> /out\nEOF',
  'RUN <<"EOF"\necho "$HOME" > /out\nEOF',
  'RUN cat <<EOF > /out\n$HOME x\nEOF',
  'RUN <<EOF sh\necho q > /out\nEOF',
  'RUN <<-EOF\n\techo tab > /out\n\tEOF',
  'RUN <<EOF\n#!/bin/sh\necho shebang > /out\nEOF',
  'COPY <<EOF /f\nhello\nEOF',
  'ENV V=1\nCOPY <<EOF /f\nv=$V\nEOF',
  'ENV V=1\nCOPY <<"EOF" /f\nv=$V\nEOF',
  'COPY <<a.txt <<b.txt /dir/\n1\na.txt\n2\nb.txt',
  'COPY --chmod=755 <<EOF /bin/tool\n#!/bin/sh\nEOF',
  'ADD <<EOF /f\nadded\nEOF',
])
each(
  'copy',
  [
    'COPY a.txt /x',
    'COPY a.txt /x/',
    'COPY a.txt b.md /x/',
    'COPY a.txt .',
    'COPY . /all',
    'COPY . /all/',
    'COPY d /x',
    'COPY d/ /x/',
    'COPY d /x\nCOPY a.txt /x',
    'COPY *.txt /x/',
    'COPY d/* /x/',
    'COPY ?.md /x/',
    'COPY [ab].* /x/',
    'COPY ["x y.txt", "/x/"]',
    'COPY link /x/',
    'COPY dlink /x/',
    'COPY empty /x',
    'COPY --chown=1:2 a.txt /x',
    'COPY --chown=1 d /x/y',
    'COPY --chmod=600 d /x',
    'COPY --chmod=u+x,go-r a.txt /x',
    'ENV S=a.txt D=/dst\nCOPY $S $D/',
    'WORKDIR /w\nCOPY a.txt b',
    'WORKDIR /w\nCOPY d ./sub/',
    'COPY a.txt /bin/',
    'COPY a.txt /bin/newtool',
    'RUN mkdir /real && ln -s /real /sym\nCOPY a.txt /sym/',
    'RUN mkdir /real && ln -s /real /sym\nCOPY d /sym',
    'RUN ln -s /elsewhere /l\nCOPY a.txt /l',
    'RUN mkdir /x && echo old > /x/a.txt\nCOPY a.txt /x/',
    'COPY --exclude=*.md d/e /x/',
    'COPY --exclude=**/*.txt . /x/',
    'COPY --link a.txt /x/y/',
    'COPY d/e/../c.txt /x',
    'COPY /a.txt /x',
    'COPY ./a.txt ./d /x/',
    'ADD a.txt /x',
    'ADD d /x/',
    'USER 1000\nCOPY a.txt /x',
  ],
  { files: tree },
)
on('dockerignore', 'COPY . /x', { files: { ...tree, '.dockerignore': '# note\n*.md\nd\n!d/c.txt\n' } })
on('dockerignore with stars', 'COPY . /x', { files: { ...tree, '.dockerignore': '**/*.txt\n!a.txt\n' } })
on('dockerignore of all but one', 'COPY . /x', { files: { ...tree, '.dockerignore': '*\n!d/e\n' } })
on('dockerignore of the Dockerfile', 'COPY . /x', {
  files: { 'a.txt': '1', '.dockerignore': 'Dockerfile\n.dockerignore\n' },
})
on('dockerignore of its own', 'COPY . /x', {
  files: { ...tree, '.dockerignore': '*', 'Dockerfile.dockerignore': 'd\n' },
})

add('stages by name', 'FROM busybox AS a\nRUN echo 1 > /f\nFROM busybox\nCOPY --from=a /f /g\n')
add('stages by number', 'FROM busybox\nRUN echo 1 > /f\nFROM busybox\nCOPY --from=0 /f /g\n')
add('stages in capitals', 'FROM busybox AS Build\nRUN echo 1 > /f\nFROM busybox\nCOPY --from=build /f /g\n')
add('an image to copy from', 'FROM scratch\nCOPY --from=busybox /bin/busybox /b\n')
add(
  'a stage on a stage',
  'FROM busybox AS a\nENV A=1\nRUN echo 1 > /f\nFROM a AS b\nRUN echo 2 > /g\nFROM b\nCMD ["x"]\n',
)
add('a target', 'FROM busybox AS a\nENV A=1\nFROM busybox AS b\nENV B=1\nFROM busybox\nENV C=1\n', { target: 'b' })
add('a target by number', 'FROM busybox AS a\nENV A=1\nFROM busybox AS b\nENV B=1\n', { target: '0' })
add('a stage that nobody needs is not built', 'FROM busybox AS a\nRUN exit 1\nFROM busybox\nENV A=1\n')
add(
  'owners come along from a stage',
  'FROM busybox AS a\nRUN mkdir /o && touch /o/f && chown -R 5:6 /o\nFROM busybox\nCOPY --from=a /o /p\n',
)
add(
  'links come along from a stage',
  'FROM busybox AS a\nRUN mkdir /o && cd /o && echo 1 > f && ln -s f s && ln f h\nFROM busybox\nCOPY --from=a /o /p\n',
)
add('scratch', 'FROM scratch\nCOPY a.txt /\n', { files: tree })
add('scratch without files', 'FROM scratch\nENV A=1\nCMD ["/x"]\n')
add('scratch, a directory', 'FROM scratch\nWORKDIR /w\n')
add('lower case', 'from busybox as x\nrun echo 1 > /f\nenv a=b\n')
add('another escape', '# escape=`\nFROM busybox\nRUN echo a `\n  b > /out\nENV A=c:\\x\n')
add('comments and blank lines', '\n# hello\n\nFROM busybox\n\n# in between\nENV A=1 # not a comment\n')
add('windows line ends', 'FROM busybox\r\nENV A=b\r\nRUN echo x > /out\r\n')
add('no newline at the end', 'FROM busybox\nENV A=b')
add('a byte order mark', '\ufeffFROM busybox\nENV A=b\n')

// recorded with Docker's containerd store: its older one takes no notice of --link
each(
  'link',
  [
    'COPY --link a.txt /x/y/',
    'COPY --link a.txt b.md /etc/z/',
    'COPY --link d /etc/',
    'COPY --link d /etc',
    'COPY --link --chown=3:4 --chmod=640 a.txt /x',
    'COPY --link --chown=3:4 d /n/m',
    'ADD --link a.txt /etc/sub/b.txt',
    'COPY --link a.txt /target',
    'COPY --link a.txt /link/x',
    'WORKDIR /w\nCOPY --link a.txt .',
    'WORKDIR /w\nCOPY --link d sub',
    'COPY --link <<EOF /etc/h\nx\nEOF',
    'COPY --link . /all/',
    'COPY --link *.txt /t/',
    'RUN echo 1 > /f\nCOPY --link a.txt /f',
    'RUN mkdir -p /m/n && chmod 700 /m\nCOPY --link a.txt /m/n/',
    'COPY --link --from=busybox /etc/passwd /p/',
    'COPY --link a.txt /x\nRUN rm /x\nCOPY --link b.md /x',
    'COPY --link=false a.txt /target',
    'COPY --link link /l',
    'COPY --link dlink /l',
  ],
  { files: tree },
)

const wrong: readonly string[] = [
  '',
  '# only a comment\n',
  'ENV A=b\n',
  'FROM busybox\nFOO bar\n',
  'FROM busybox\nRNU x\n',
  'FROM busybox\nENV\n',
  'FROM busybox\nENV A\n',
  'FROM busybox\nENV A=b C\n',
  'FROM busybox\nCOPY a\n',
  'FROM busybox\nCOPY --nope a b\n',
  'FROM busybox\nCOPY missing /x\n',
  'FROM busybox\nCOPY a.txt b.md /x\n',
  'FROM busybox\nCOPY --chmod=999 a.txt /x\n',
  'FROM busybox\nRUN exit 3\n',
  'FROM busybox\nRUN ["/nope"]\n',
  'FROM busybox\nRUN --mount=type=zzz x\n',
  'FROM busybox\nRUN --network=zzz x\n',
  'FROM busybox\nRUN <<EOF\nx\n',
  'FROM busybox AS\n',
  'FROM busybox AS 1a\n',
  'FROM busybox a b c\n',
  'FROM\n',
  'FROM busybox\nEXPOSE zz\n',
  'FROM busybox\nEXPOSE\n',
  'FROM busybox\nWORKDIR\n',
  'FROM busybox\nUSER\n',
  'FROM busybox\nSTOPSIGNAL NOPE\n',
  'FROM busybox\nHEALTHCHECK FOO\n',
  'FROM busybox\nHEALTHCHECK --interval=x CMD a\n',
  'FROM busybox\nHEALTHCHECK NONE x\n',
  'FROM busybox\nSHELL /bin/sh\n',
  'FROM busybox\nONBUILD ONBUILD RUN x\n',
  'FROM busybox\nONBUILD FROM x\n',
  'FROM busybox\nENV A=${B\n',
  'FROM busybox\nENV A=${B:?needed}\n',
  'FROM busybox\nENV A="x\n',
  'FROM busybox\nVOLUME\n',
  'FROM busybox\nLABEL\n',
  'FROM busybox\nARG\n',
  'FROM busybox\nMAINTAINER\n',
  'FROM busybox\nCOPY --from=nope2/x /a /b\n'.replace('nope2/x', '7'),
  'FROM busybox AS a\nCOPY --from=a /x /y\n',
  '# escape=x\nFROM busybox\n',
  'FROM ${X}\n',
  'FROM busybox\nCMD ["a"\nRUN exit 4\n',
  'FROM busybox\nRUN --security=insecure true\n',
  'FROM busybox\nRUN --network=host true\n',
]
for (const [i, dockerfile] of wrong.entries()) add(`wrong ${i + 1}`, dockerfile, { files: tree })
add('wrong target', 'FROM busybox AS a\n', { target: 'zz' })

export const cases: readonly Case[] = list
