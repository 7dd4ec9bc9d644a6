import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before } from 'node:test'
import { busyboxTar, Lab } from '../engine/lab.ts'
import { configure, docker, environment, skip } from './stock-client.ts'

export interface StockBuild {
  readonly lab: Lab
  /** for files of the test; removed at the end */
  readonly place: string
  run(args: readonly string[], env?: NodeJS.ProcessEnv): { code: number | null; text: string; out: string }
  /** `run`, which must succeed; what it printed */
  good(args: readonly string[], env?: NodeJS.ProcessEnv): string
  /** a directory with these files */
  context(files: Readonly<Record<string, string>>): string
}

/** An engine with the image `base`, and Docker's client with buildx, for all tests of a file. */
export function stockBuild(name: string): StockBuild {
  const lab = new Lab()
  const place = mkdtempSync(`/var/tmp/berth-${name}-`)
  const call = (args: readonly string[], more: NodeJS.ProcessEnv = {}, input?: Buffer) => {
    const env = { ...environment(lab, place), ...more }
    const done = spawnSync(docker!, args, { env, input, timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' })
    return { code: done.status, text: `${done.stdout}${done.stderr}`, out: done.stdout }
  }
  before(async () => {
    if (skip) return
    configure(place)
    await lab.start()
    assert.equal(call(['import', '-', 'base'], {}, busyboxTar()).code, 0)
  })
  after(async () => {
    if (!skip) await lab[Symbol.asyncDispose]()
    rmSync(place, { recursive: true, force: true })
  })
  return {
    lab,
    place,
    run: (args, env) => call(args, env),
    good: (args, env) => {
      const { code, text } = call(args, env)
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
