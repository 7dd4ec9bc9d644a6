import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { engineSocket, ours, stockClient } from './pair.ts'

interface Step {
  readonly wait: string
  readonly type?: string
  readonly look?: true
  readonly rows?: number
  readonly columns?: number
  readonly signal?: number
}

interface Session {
  readonly code: number | null
  readonly out: string
  readonly before: readonly number[]
  readonly during: readonly number[] | null
  readonly after: readonly number[] | null
}

const env = { ...process.env, DOCKER_HOST: `unix://${engineSocket}`, TERM: 'xterm' }

function onTerminal(args: readonly string[], steps: readonly Step[]): Session {
  const script = join(import.meta.dirname, 'terminal.py')
  const text = execFileSync('python3', [script, JSON.stringify({ args, steps })], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return JSON.parse(text) as Session
}

const hasPython = spawnSync('python3', ['--version']).status === 0
const skip = !engineSocket ? 'there is no engine' : !hasPython ? 'there is no python3' : false
const clients = [ours, ...(stockClient ? [stockClient] : [])]
const container = `clix-term-${process.pid}`
const quiet = 'PS1=; export PS1; exec sh'

describe('on a terminal', { skip }, () => {
  after(() => void spawnSync(ours, ['rm', '-f', container], { env }))

  test('raw mode is the one of docker, the window is followed, the exit code comes back', () => {
    const steps: readonly Step[] = [
      { wait: '# ', look: true, type: "stty size; echo O''NE\n" },
      { wait: 'ONE\r\n', rows: 33, columns: 77, type: "stty size; echo T''WO\n" },
      { wait: 'TWO\r\n', type: 'exit 7\n' },
    ]
    const sessions = clients.map(client => onTerminal([client, 'run', '--rm', '-it', 'busybox', 'sh'], steps))
    for (const { code, during, out } of sessions) {
      assert.equal(code, 7, out)
      assert.match(out, /40 100\r\n/)
      assert.match(out, /33 77\r\n/)
      assert.deepEqual(during, sessions.at(-1)!.during)
    }
  })

  test('the detach keys leave the container running, attach finds it again', () => {
    const run = onTerminal(
      [ours, 'run', '-it', '--name', container, 'busybox', 'sh'],
      [{ wait: '# ', type: '\x10\x11' }],
    )
    assert.equal(run.code, 0, run.out)
    const attached = onTerminal(
      [ours, 'attach', container],
      [
        { wait: '', type: "echo A''GAIN\n" },
        { wait: 'AGAIN\r\n', type: '\x10\x11' },
      ],
    )
    assert.equal(attached.code, 1)
    assert.match(attached.out, /read escape sequence/)
    const keyed = onTerminal(
      [ours, 'exec', '-it', '--detach-keys', 'ctrl-a,d', container, 'sh', '-c', quiet],
      [
        { wait: '', type: '\x01x\n' },
        { wait: 'not found', type: '\x01d' },
      ],
    )
    assert.match(keyed.out, /not found/)
    assert.equal(keyed.code, 0)
    assert.equal(spawnSync(ours, ['rm', '-f', container], { env }).status, 0)
  })

  test('three times Ctrl-C ends us whatever the program makes of it', () => {
    const stubborn = ['sh', '-c', 'trap "echo GOT" INT; echo READY; while :; do sleep 0.2; done']
    const args = [ours, 'run', '--rm', '--name', container, 'busybox', ...stubborn]
    const { code, out } = onTerminal(args, [
      { wait: 'READY', type: '\x03' },
      { wait: 'GOT', type: '\x03' },
      { wait: 'GOT', type: '\x03' },
    ])
    assert.equal(code, 1)
    assert.match(out, /got 3 SIGTERM\/SIGINTs, forcefully exiting/)
    spawnSync(ours, ['rm', '-f', container], { env })
  })

  test('a signal puts the terminal back', () => {
    const args = ['sh', '-c', `${ours} run --rm -it --name ${container} busybox sh; echo B''ACK; sleep 1`]
    const {
      after: end,
      before,
      out,
    } = onTerminal(args, [
      { wait: '# ', type: `kill $PPID 2>/dev/null; echo IN''SIDE\n` },
      { wait: 'INSIDE\r\n', type: 'exit\n' },
      { wait: 'BACK' },
    ])
    assert.match(out, /BACK/)
    if (end) assert.deepEqual(end, before)
  })
})
