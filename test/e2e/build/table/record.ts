// Records what a real engine makes of the table: node test/e2e/build/table/record.ts [file], with DOCKER_HOST and DOCKER set.
// Cases named "link" want an engine with the containerd store: ONLY="link ".
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { type Case, cases } from './cases.ts'
import { type Outcome, outcomeOf, plainError } from './outcome.ts'

const docker = process.env.DOCKER ?? 'docker'
const prefix = process.env.PREFIX ?? 'bld-table'
const socketPath = (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '')
const out = process.argv[2] ?? join(import.meta.dirname, 'expected.json')

function write(dir: string, { dockerfile, files = {} }: Case): void {
  writeFileSync(join(dir, 'Dockerfile'), dockerfile)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    if (path.endsWith('/')) mkdirSync(join(dir, path), { recursive: true })
    else if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(dir, path))
    else writeFileSync(join(dir, path), text, { mode: 0o644 })
  }
}

function run(args: readonly string[]): Promise<{ code: number | null; err: string }> {
  const child = spawn(docker, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let err = ''
  child.stderr.on('data', chunk => (err += chunk))
  return new Promise(resolve => child.on('close', code => resolve({ code, err })))
}

function call(method: string, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: { host: 'd' } }, async answer => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve(Buffer.concat(chunks))
    })
    sent.on('error', reject).end()
  })
}

async function record(each: Case, base: Buffer, index: number): Promise<Outcome> {
  const dir = mkdtempSync('/var/tmp/table-')
  const tag = `${prefix}:${index}`
  try {
    write(dir, each)
    const args = Object.entries(each.args ?? {}).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
    const target = each.target ? ['--target', each.target] : []
    const { code, err } = await run([
      'buildx',
      'build',
      '--progress=plain',
      '--provenance=false',
      ...args,
      ...target,
      '-t',
      tag,
      dir,
    ])
    if (code !== 0)
      return {
        error: plainError(
          err
            .trim()
            .split('\n')
            .findLast(line => line.startsWith('ERROR')) ?? err,
        ),
      }
    const saved = await call('GET', `/images/${tag}/get`)
    await call('DELETE', `/images/${tag}`)
    return outcomeOf(saved, base)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const base = await call('GET', '/images/busybox:latest/get')
const outcomes: Record<string, Outcome> = {}
const queue = [...cases.entries()].filter(([, { name }]) => !process.env.ONLY || name.startsWith(process.env.ONLY))
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [index, each] = next
    try {
      outcomes[each.name] = await record(each, base, index)
    } catch (error) {
      outcomes[each.name] = { error: `not recorded: ${error}` }
    }
  }
}
await Promise.all([worker(), worker(), worker(), worker()])
const lines = cases.map(({ name }) => `${JSON.stringify(name)}: ${JSON.stringify(outcomes[name] ?? null)}`)
writeFileSync(out, `{\n${lines.join(',\n')}\n}\n`)
