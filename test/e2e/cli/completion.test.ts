import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Lab } from '../engine/lab.ts'
import { hasPython, onTerminal, type Step } from './on-terminal.ts'
import { engineSocket, ours } from './pair.ts'

const shells = {
  bash: {
    args: ['bash', '--norc', '--noprofile', '-i'],
    setup: `source <(berth completion bash); bind 'set enable-bracketed-paste off'; PS1='RE''ADY> '\n`,
  },
  zsh: {
    args: ['zsh', '-f', '-i'],
    setup: `autoload -U compinit; compinit -u -D; source <(berth completion zsh); PS1='RE''ADY> '\n`,
  },
  fish: {
    args: ['fish', '--no-config', '-i'],
    setup: `berth completion fish | source; function fish_prompt; echo -n RE'ADY> '; end\n`,
  },
} as const

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

describe('completion', { skip: hasPython ? false : 'there is no python3', timeout: 120_000 }, () => {
  const lab = new Lab()
  const dir = mkdtempSync('/var/tmp/berth-completion-')
  const said = join(dir, 'said')
  const name = `livecomp-${process.pid}`
  let env: NodeJS.ProcessEnv

  before(async () => {
    if (!engineSocket) {
      await lab.start()
      lab.importBusybox()
    }
    // answers the shell as the client does, but writes down instead of running what was completed
    const script = `#!/bin/sh\ncase $1 in __complete|completion) exec ${ours} "$@" ;; esac\necho "$*" >>${said}\n`
    writeFileSync(join(dir, 'berth'), script, { mode: 0o755 })
    const socket = engineSocket ?? lab.socket
    env = { PATH: `${dir}:${process.env.PATH}`, HOME: dir, DOCKER_HOST: `unix://${socket}` }
    assert.equal(spawnSync(ours, ['create', '--name', name, 'busybox'], { env }).status, 0)
  })

  after(async () => {
    spawnSync(ours, ['rm', '-f', name], { env })
    if (!engineSocket) await lab[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  for (const [shell, { args, setup }] of Object.entries(shells))
    test(`${shell} completes commands, flags and names of containers`, (t: { skip(why: string): void }) => {
      if (!isThere(shell)) return t.skip(`there is no ${shell}`)
      if (existsSync(said)) rmSync(said)
      const typed: readonly Step[] = ['berth hist\t', 'berth run --resta\t', 'berth rm livecomp\t'].flatMap(line => [
        { wait: 'READY> ', pause: 0.3, type: line },
        { wait: '', pause: 1.5, type: 'END\n' },
      ])
      const { out } = onTerminal(
        args,
        [{ wait: '', pause: 1, type: setup }, ...typed, { wait: 'READY> ', type: 'exit\n' }],
        env,
      )
      const lines = existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []
      assert.deepEqual(lines, ['history END', 'run --restart END', `rm ${name} END`], out)
    })
})
