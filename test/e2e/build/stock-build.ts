import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before } from 'node:test'
import { busyboxTar, Lab } from '../engine/lab.ts'
import { configure, docker, environment, skip } from './stock-client.ts'

interface How {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly input?: Buffer
}

export interface StockBuild {
  readonly lab: Lab
  /** for files of the test; removed at the end */
  readonly place: string
  run(args: readonly string[], how?: How): { code: number | null; text: string; out: string }
  /** `run`, which must succeed; what it printed */
  good(args: readonly string[], how?: How): string
  /** `good` without blocking this process */
  goodSoon(args: readonly string[], how?: How): Promise<string>
  /** a directory with these files */
  context(files: Readonly<Record<string, string>>): string
}

/** An engine with the image `base`, and Docker's client with buildx, for all tests of a file. */
export function stockBuild(
  name: string,
  beforeEngine: (place: string) => void = () => {},
  flags: (place: string) => readonly string[] = () => [],
): StockBuild {
  const place = mkdtempSync(`/var/tmp/berth-${name}-`)
  const lab = new Lab(flags(place))
  const call = (args: readonly string[], how: How = {}) => {
    const env = { ...environment(lab, place), ...how.env }
    const done = spawnSync(docker!, args, { ...how, env, timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' })
    return { code: done.status, text: `${done.stdout}${done.stderr}`, out: done.stdout }
  }
  before(async () => {
    if (skip) return
    configure(place)
    beforeEngine(place)
    await lab.start()
    assert.equal(call(['import', '-', 'base'], { input: busyboxTar() }).code, 0)
  })
  after(async () => {
    if (!skip) await lab[Symbol.asyncDispose]()
    rmSync(place, { recursive: true, force: true })
  })
  return {
    lab,
    place,
    run: call,
    good: (args, how) => {
      const { code, text } = call(args, how)
      assert.equal(code, 0, text)
      return text
    },
    goodSoon: async (args, how = {}) => {
      const env = { ...environment(lab, place), ...how.env }
      const child = spawn(docker!, args, { ...how, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
      let text = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (text += chunk))
      const [code] = await once(child, 'close')
      assert.equal(code, 0, text)
      return text
    },
    context: files => {
      const dir = mkdtempSync(join(place, 'context-'))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true })
        writeFileSync(join(dir, path), text)
      }
      return dir
    },
  }
}
