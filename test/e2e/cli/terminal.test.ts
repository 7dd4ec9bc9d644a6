import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { Lab } from '../engine/lab.ts'
import { hasPython, type Step, onTerminal as typeTo } from './on-terminal.ts'
import { engineSocket, ours, stockClient } from './pair.ts'

const env: NodeJS.ProcessEnv = { ...process.env }
const onTerminal = (args: readonly string[], steps: readonly Step[]) => typeTo(args, steps, env)
const clients = [ours, ...(stockClient ? [stockClient] : [])]
const container = `clix-term-${process.pid}`
const quiet = 'PS1=; export PS1; exec sh'

describe('on a terminal', { skip: hasPython ? false : 'there is no python3', timeout: 180_000 }, () => {
  const lab = new Lab()
  const dir = mkdtempSync('/var/tmp/berth-terminal-')
  before(async () => {
    if (!engineSocket) {
      await lab.start()
      lab.importBusybox()
    }
    env.DOCKER_HOST = `unix://${engineSocket ?? lab.socket}`
    env.HOME = dir
  })
  afterEach(() => void spawnSync(ours, ['rm', '-f', container], { env }))
  after(async () => {
    if (!engineSocket) await lab[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

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
  })

  for (const [signal, number] of Object.entries({ SIGTERM: 15, SIGHUP: 1, SIGINT: 2 }))
    test(`${signal} ends us and puts the terminal back`, () => {
      const { after, before, code, during } = onTerminal(
        [ours, 'run', '--rm', '-it', '--name', container, 'busybox', 'sh'],
        [{ wait: '# ', pause: 0.3, look: true, signal: number }],
      )
      assert.equal(code, 128 + number)
      assert.notDeepEqual(during, before)
      if (after) assert.deepEqual(after, before)
    })

  const shell = ['bash', '--norc', '--noprofile', '-i']
  const prompt = `bind 'set enable-bracketed-paste off'; PS1='RE''ADY> '\n`

  test('Ctrl-Z stops the client, fg goes on with it', () => {
    const program = `echo STA''RTED; sleep 2; echo FIN''ISHED`
    const { out } = onTerminal(shell, [
      { wait: '', pause: 0.5, type: prompt },
      { wait: 'READY> ', type: `${ours} run --rm busybox sh -c "${program}"\n` },
      { wait: 'STARTED', type: '\x1a' },
      { wait: 'READY> ', type: 'jobs; fg\n' },
      { wait: 'FINISHED', type: '' },
      { wait: 'READY> ', type: 'exit 0\n' },
    ])
    assert.match(out, /Stopped[\s\S]*FINISHED/)
  })

  test('a client that was stopped in raw mode comes back to raw mode', () => {
    const pid = join(dir, 'pid')
    const { out, during } = onTerminal(shell, [
      { wait: '', pause: 0.5, type: prompt },
      { wait: 'READY> ', type: `(sleep 2; kill -STOP $(cat ${pid})) &\n` },
      { wait: 'READY> ', type: `sh -c 'echo $$ >${pid}; exec ${ours} run --rm -it busybox sh'\n` },
      { wait: 'Stopped', pause: 0.3, type: 'fg\n' },
      { wait: 'fg', pause: 1, type: "echo A''LIVE\n" },
      { wait: 'ALIVE\r\n', look: true, type: 'exit\n' },
      { wait: 'READY> ', type: 'exit 0\n' },
    ])
    assert.match(out, /ALIVE\r\n/)
    const localModes = during?.[3] ?? -1
    assert.equal(localModes & 0o12, 0, 'neither ICANON nor ECHO')
  })

  test('stats draws again and again in place until Ctrl-C', () => {
    assert.equal(spawnSync(ours, ['run', '-d', '--name', container, 'busybox', 'sleep', '100'], { env }).status, 0)
    const picture = '\x1b[H\x1b[J'
    const steps: readonly Step[] = [{ wait: picture }, { wait: '0.00%', pause: 1.2 }, { wait: container, type: '\x03' }]
    const { code, out } = onTerminal([ours, 'stats', container], steps)
    assert.ok(out.split(picture).length >= 3, out)
    assert.match(out, /CPU %.*MEM USAGE/)
    assert.equal(code, 130)
  })

  test('Ctrl-C ends what only follows, with the code of docker', () => {
    assert.equal(
      spawnSync(ours, ['run', '-d', '--name', container, 'busybox', 'sh', '-c', 'echo LINE; exec sleep 100'], { env })
        .status,
      0,
    )
    const codes = clients.map(
      client => onTerminal([client, 'logs', '-f', container], [{ wait: 'LINE', pause: 0.3, type: '\x03' }]).code,
    )
    assert.equal(new Set(codes).size, 1, codes.join(' '))
  })

  test('Ctrl-C at a question and at a password ends us, with echo as before', () => {
    const asked = onTerminal([ours, 'system', 'prune'], [{ wait: '[y/N]', pause: 0.2, type: '\x03' }])
    assert.notEqual(asked.code, 0)
    const { after, before, code } = onTerminal(
      [ours, 'login', '-u', 'me', 'localhost:1'],
      [{ wait: 'Password: ', pause: 0.3, type: 'abc\x03' }],
    )
    assert.equal(code, 130)
    if (after) assert.deepEqual(after, before)
  })
})
