import { EngineError } from '../../base/errors.ts'
import type { BuildClient, DirectorySink, FileStat } from '../../spec/engine-api/solver.ts'
import type { GraphOptions } from './options.ts'
import type { Progress, StepProgress } from './progress.ts'

const sizeLimit = 16 << 20

/** Keeps the few files that were asked for in memory. */
class MemorySink implements DirectorySink {
  readonly files = new Map<string, Buffer[]>()
  received = 0

  entry({ path, size, mode }: FileStat): boolean {
    if (Math.floor(mode / 2 ** 24) !== 0) return false // a directory, a link or a device
    if (size > sizeLimit) throw new EngineError('invalid', `file ${path} of ${size} bytes is too large to be read`)
    this.files.set(path, [])
    return true
  }

  data(path: string, chunk: Uint8Array): void {
    this.received += chunk.length
    if (this.received > 4 * sizeLimit) throw new EngineError('invalid', `file ${path} is too large to be read`)
    this.files.get(path)!.push(Buffer.from(chunk))
  }

  end(): void {}

  text(path: string): string | undefined {
    const chunks = this.files.get(path)
    return chunks && Buffer.concat(chunks).toString('utf8')
  }
}

async function readFiles(
  client: BuildClient,
  directory: string,
  names: readonly string[],
  step: StepProgress,
  what: string,
): Promise<MemorySink> {
  const sink = new MemorySink()
  const report = step.status(`transferring ${what}:`, 'transferring')
  await client.receiveDirectory(directory, { follow: names }, sink)
  report(sink.received, 0, true)
  return sink
}

export interface BuildFiles {
  readonly dockerfile: string
  /** the rules that came with the Dockerfile, which come before those of the context */
  readonly ignore: string | undefined
  readonly step: StepProgress
}

/** @throws EngineError when there is no Dockerfile */
export function readDockerfile(client: BuildClient, options: GraphOptions, progress: Progress): Promise<BuildFiles> {
  const { fileName, fileDirectory } = options
  return progress.during(`[internal] load build definition from ${fileName}`, async step => {
    const fallback = fileName.replace(/(^|\/)Dockerfile$/, '$1dockerfile')
    const names = [...new Set([fileName, `${fileName}.dockerignore`, fallback])]
    const sink = await readFiles(client, fileDirectory, names, step, 'dockerfile')
    const dockerfile = sink.text(fileName) ?? sink.text(fallback)
    if (dockerfile === undefined)
      throw new EngineError('not-found', `failed to read dockerfile: open ${fileName}: no such file or directory`)
    return { dockerfile, ignore: sink.text(`${fileName}.dockerignore`), step }
  })
}

/** Patterns of what the client is not to send. */
export async function readIgnored(
  client: BuildClient,
  options: GraphOptions,
  progress: Progress,
  ownRules: string | undefined,
): Promise<readonly string[]> {
  const rules = await progress.during('[internal] load .dockerignore', async step => {
    const sink = await readFiles(client, options.contextDirectory, ['.dockerignore'], step, 'context')
    return ownRules ?? sink.text('.dockerignore')
  })
  return toPatterns(rules ?? '')
}

/** The lines of a `.dockerignore` as fsutil takes them. */
export const toPatterns = (rules: string): readonly string[] =>
  rules
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .map(line => cleanPattern(line.trim()))
    .filter(Boolean)

/** As Go's filepath.Clean, without a slash in front; what is taken back keeps its mark. */
function cleanPattern(line: string): string {
  const [, mark = '', text = ''] = /^(!?)\s*(.*)$/.exec(line) ?? []
  const kept: string[] = []
  for (const part of text.split('/')) {
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return kept.length ? mark + kept.join('/') : text === '.' ? `${mark}.` : ''
}
