import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lint, lintStage } from './lint.ts'
import { lintUrl, parseCheck } from './lint-rules.ts'
import { parseDockerfile } from './parse.ts'

function found(text: string): readonly string[] {
  const file = parseDockerfile(text)
  const all = [...lint(file), ...file.stages.flatMap(stage => lintStage(stage))]
  return all.sort((a, b) => a.line - b.line).map(({ rule, line }) => `${line} ${rule}`)
}

test('checks find what BuildKit finds', () => {
  assert.deepEqual(
    found(`from busybox as Base
FROM --platform=linux/amd64 busybox AS two
run echo hi
MAINTAINER me
FROM two AS two
FROM scratch AS scratch
FROM --platform=$TARGETPLATFORM busybox AS three
RUN a \\

  b
`),
    [
      '1 StageNameCasing',
      '1 ConsistentInstructionCasing',
      '2 FromPlatformFlagConstDisallowed',
      '3 ConsistentInstructionCasing',
      '4 MaintainerDeprecated',
      '5 DuplicateStageName',
      '6 ReservedStageName',
      '7 RedundantTargetPlatform',
      '10 NoEmptyContinuation',
    ],
  )
  assert.deepEqual(
    found(`FROM busybox
ENV FOO bar
ENV SECRET_TOKEN=abc PUBLIC_KEY=1
ARG password
EXPOSE 80/TCP
EXPOSE 0.0.0.0:90:80
LABEL a b
CMD echo foo
CMD ["x"]
HEALTHCHECK CMD a
HEALTHCHECK CMD b
`),
    [
      '2 LegacyKeyValueFormat',
      '3 SecretsUsedInArgOrEnv',
      '4 SecretsUsedInArgOrEnv',
      '5 ExposeProtoCasing',
      '6 ExposeInvalidFormat',
      '7 LegacyKeyValueFormat',
      '8 MultipleInstructionsDisallowed',
      '10 MultipleInstructionsDisallowed',
    ],
  )
})

test('checks are left out by name, and have an address', () => {
  assert.deepEqual(parseCheck('skip=A,B;error=true'), {
    skipAll: false,
    skip: new Set(['A', 'B']),
    experimental: new Set(['']),
    error: true,
  })
  assert.throws(() => parseCheck('foo=1'), /invalid check option "foo"/)
  assert.equal(parseCheck('skip=all').skipAll, true)
  assert.equal(lintUrl('JSONArgsRecommended').split('/').at(-2), 'json-args-recommended')
  assert.equal(lintUrl('FromPlatformFlagConstDisallowed').split('/').at(-2), 'from-platform-flag-const-disallowed')
})
