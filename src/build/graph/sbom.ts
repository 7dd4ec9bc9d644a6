import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { Attestation } from '../../image/compose.ts'
import { formatPlatform } from '../../image/platform.ts'
import type { Attributes } from '../../spec/engine-api/solver.ts'
import { fetchImage } from '../base-image.ts'
import type { Exporting } from './export.ts'
import type { BuiltImage } from './job.ts'
import type { StepProgress } from './progress.ts'

const defaultScanner = 'docker/buildkit-syft-scanner:stable-1'
const [source, destination] = ['/run/src/core/sbom', '/run/out']
const statementLimit = 64 << 20

type Statement = Omit<Attestation, 'names'>

/**
 * Lists of what the image consists of, as a scanner image finds them.
 * Spec: https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
 */
export function sbomOf(exporting: Exporting, image: BuiltImage, wanted: Attributes): Promise<readonly Statement[]> {
  const { deps, progress } = exporting
  const scanner = wanted.generator || defaultScanner
  return progress.during(`[${formatPlatform(image.platform)}] generating sbom using ${scanner}`, async step => {
    const place = mkdtempSync(join(deps.dir, 'step-'))
    try {
      await scan(exporting, image, { scanner, place, wanted }, step)
      return statementsIn(join(place, 'out'), scanner)
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
}

interface Scan {
  readonly scanner: string
  readonly place: string
  readonly wanted: Attributes
}

async function scan(exporting: Exporting, image: BuiltImage, job: Scan, step: StepProgress): Promise<void> {
  const { deps, options, signal } = exporting
  const { scanner, place, wanted } = job
  const found = await fetchImage(deps, scanner, { ...options, platform: undefined, pull: false, signal }, () => {})
  using _pin = deps.images.pin([found.id, ...(found.chainId ? [found.chainId] : [])])
  const [upper, work, out] = ['diff', 'work', 'out'].map(name => join(place, name)) as [string, string, string]
  for (const dir of [upper, work, out]) mkdirSync(dir, { mode: 0o755 })
  const config = found.config.config ?? {}
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]
  if (command.length === 0) throw new EngineError('invalid', `scanner ${scanner} has no command`)
  const files = deps.snapshots.mount(image.stack.chainId)
  const code = await deps.runStep({
    chainId: found.chainId,
    upper,
    work,
    id: randomBytes(32).toString('hex'),
    config,
    command,
    env: [...(config.Env ?? []), ...environment(wanted)],
    user: config.User ?? '',
    workdir: config.WorkingDir || '/',
    networkMode: 'none',
    mounts: [
      { destination: source, ...files, options: [...files.options, 'ro'], isDirectory: true },
      { destination, type: 'bind', source: out, options: ['rbind', 'rw', 'rprivate'], isDirectory: true },
    ],
    options: { tags: [] },
    onOutput: (chunk, output) => step.output(chunk, output),
    signal,
  })
  if (code !== 0) throw new EngineError('internal', `scanner ${scanner} ended with exit code ${code}`)
}

const environment = (wanted: Attributes): readonly string[] => [
  `BUILDKIT_SCAN_SOURCE=${source}`,
  `BUILDKIT_SCAN_DESTINATION=${destination}`,
  ...Object.entries(wanted)
    .filter(([key]) => key !== 'generator' && key !== 'inline-only' && key !== 'disabled')
    .map(([key, value]) => `BUILDKIT_SCAN_${key.toUpperCase()}=${value}`),
]

/** Each file of the scanner's is one statement; its subject is replaced by the image. */
function statementsIn(dir: string, scanner: string): readonly Statement[] {
  const names = readdirSync(dir).filter(name => name.endsWith('.json'))
  return names.sort().map(name => {
    const path = join(dir, name)
    const stat = lstatSync(path) // a link would lead out of the scanner's directory
    if (!stat.isFile() || stat.size > statementLimit)
      throw new EngineError('invalid', `scanner ${scanner} left no statement in ${name}`)
    try {
      const { predicateType, predicate } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Attestation>
      if (typeof predicateType !== 'string') throw new Error('no predicateType')
      return { predicateType, predicate }
    } catch {
      throw new EngineError('invalid', `scanner ${scanner} left no statement in ${name}`)
    }
  })
}
