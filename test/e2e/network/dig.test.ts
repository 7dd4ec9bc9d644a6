import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Lab } from '../engine/lab.ts'

/** Status and answers as dockerd 28.5 gives them, asked in the same way on the same day. */
const answers: readonly (readonly [string, string, ...string[]])[] = [
  ['d2', 'NOERROR', 'd2. 600 IN A 10.66.0.12'],
  ['d2 +tcp', 'NOERROR', 'd2. 600 IN A 10.66.0.12'],
  ['d2 +noedns', 'NOERROR', 'd2. 600 IN A 10.66.0.12'],
  ['d2 +bufsize=512 +dnssec', 'NOERROR', 'd2. 600 IN A 10.66.0.12'],
  ['d2 AAAA', 'NOERROR', 'd2. 600 IN AAAA fd66::12'],
  ['d2 MX', 'NOERROR'],
  ['D2', 'NOERROR', 'D2. 600 IN A 10.66.0.12'],
  ['d2.lane', 'NOERROR', 'd2.lane. 600 IN A 10.66.0.12'],
  ['mixed', 'NOERROR', 'mixed. 600 IN A 10.66.0.12'],
  ['both', 'NOERROR', 'both. 600 IN A 10.66.0.11', 'both. 600 IN A 10.66.0.12'],
  ['both AAAA', 'NOERROR', 'both. 600 IN AAAA fd66::11', 'both. 600 IN AAAA fd66::12'],
  ['-x 10.66.0.12', 'NOERROR', '12.0.66.10.in-addr.arpa. 600 IN PTR d2.lane.'],
  ['d2 +opcode=status', 'NOTIMP'],
  // no upstream can be reached: the answer is no answer, never "there is none"
  ['nothere', 'SERVFAIL'],
  ['nothere.lane AAAA', 'SERVFAIL'],
  ['d2 SRV', 'SERVFAIL'],
  ['-x 10.66.0.99', 'SERVFAIL'],
]

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const lab = new Lab()
let pid = ''
const docker = (...args: string[]): string => {
  const { code, err, out } = lab.docker(args)
  assert.equal(code, 0, err)
  return out.trim()
}

before(async () => {
  await lab.start()
  lab.importBusybox()
  docker('network', 'create', '--ipv6', '--subnet', '10.66.0.0/24', '--subnet', 'fd66::/64', 'lane')
  for (const [name, host] of [
    ['d1', '11'],
    ['d2', '12'],
  ] as const) {
    const place = ['--ip', `10.66.0.${host}`, '--ip6', `fd66::${host}`, '--network-alias', 'both', '--dns', '127.0.0.1']
    const own = name === 'd2' ? ['--network-alias', 'Mixed'] : []
    docker('run', '-d', '--name', name, '--network', 'lane', ...place, ...own, 'busybox', 'sleep', '1000')
  }
  pid = docker('inspect', '-f', '{{.State.Pid}}', 'd1')
})
after(async () => {
  lab.docker(['rm', '-f', 'd1', 'd2'])
  await lab[Symbol.asyncDispose]()
})

async function ask(program: string, args: readonly string[]): Promise<string> {
  const full = [`--net=/proc/${pid}/ns/net`, program, ...args]
  return (await promisify(execFile)('nsenter', full, { timeout: 15_000 })).stdout
}

const answerLines = (text: string): string[] =>
  text
    .split('\n')
    .filter(line => line && !line.startsWith(';'))
    .map(line => line.replace(/\s+/g, ' '))
    .sort()

test('dig sees of our names what it sees at the peer', { skip: has('dig') ? false : 'no dig' }, async () => {
  for (const [question, status, ...lines] of answers) {
    const text = await ask('dig', ['+tries=1', '+time=5', '+nocookie', '@127.0.0.11', ...question.split(' ')])
    assert.equal(/status: (\w+)/.exec(text)?.[1], status, question)
    assert.deepEqual(answerLines(text), lines, question)
  }
})

test('drill gets the same', { skip: has('drill') ? false : 'no drill' }, async () => {
  assert.deepEqual(answerLines(await ask('drill', ['d2', '@127.0.0.11'])), ['d2. 600 IN A 10.66.0.12'])
  assert.deepEqual(answerLines(await ask('drill', ['-t', 'AAAA', 'd2', '@127.0.0.11'])), ['d2. 600 IN AAAA fd66::12'])
  assert.deepEqual(answerLines(await ask('drill', ['-x', '10.66.0.12', '@127.0.0.11'])), [
    '12.0.66.10.in-addr.arpa. 600 IN PTR d2.lane.',
  ])
})
