import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { TarParser } from '../../../../src/archive/tar-parser.ts'
import type { ImageConfig } from '../../../../src/spec/oci-image.ts'

/** What a build gave, in a form that two engines can be compared by. */
export interface Outcome {
  readonly error?: string
  readonly config?: unknown
  /** what the steps did, oldest first, without those of the base */
  readonly history?: readonly string[]
  /** `type mode uid:gid path [-> target] [digest of the content]` of what is not in the base; `- path` is gone */
  readonly files?: readonly string[]
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, each]) => each !== null && each !== '' && each !== false)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, sorted(each)]),
        )
      : value

const historyOf = ({ history = [] }: ImageConfig): readonly string[] =>
  history
    .filter(({ comment }) => comment?.startsWith('buildkit'))
    .map(({ created_by, empty_layer }) => `${empty_layer ? '-' : '+'} ${created_by}`)

/** The members of an archive, in order: what a line says of each, and its content. */
function members(tar: Buffer): { readonly path: string; readonly line: string; readonly content: Buffer }[] {
  const found: { path: string; line: string; content: Buffer }[] = []
  let chunks: Buffer[] = []
  let current: { path: string; line: string; isFile: boolean } | undefined
  const parser = new TarParser({
    entry: ({ name, type, mode, uid, gid, linkName }) => {
      chunks = []
      const path = name.replace(/^\.?\//, '').replace(/\/$/, '')
      const line = `${type} ${mode.toString(8)} ${uid}:${gid} ${path}${linkName ? ` -> ${linkName}` : ''}`
      current = { path, line, isFile: type === 'file' }
    },
    data: chunk => void chunks.push(Buffer.from(chunk)),
    endEntry: () => {
      const content = Buffer.concat(chunks)
      const { path, line, isFile } = current!
      const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
      found.push({ path, line: isFile ? `${line} ${digest}` : line, content })
    },
  })
  parser.write(tar)
  return found
}

/** The tree that layers make together; a path that a layer takes away has the line `- path`. */
function treeOf(layers: readonly Buffer[]): Map<string, string> {
  const tree = new Map<string, string>()
  const drop = (path: string) => {
    for (const key of tree.keys()) if (key === path || key.startsWith(`${path}/`)) tree.delete(key)
  }
  for (const layer of layers) {
    const entries = members(layer)
    const hidden = entries.filter(({ path }) => /(^|\/)\.wh\./.test(path))
    for (const { path } of hidden) {
      const isOpaque = path.endsWith('.wh..wh..opq')
      const target = isOpaque ? path.replace(/\/?\.wh\.\.wh\.\.opq$/, '') : path.replace(/(^|\/)\.wh\.([^/]*)$/, '$1$2')
      drop(target)
      if (!isOpaque) tree.set(target, `- ${target}`)
    }
    for (const { path, line } of entries) if (!hidden.some(each => each.path === path)) tree.set(path, line)
  }
  return tree
}

/** What an archive of `docker save` holds, beside what `base`, another one, does. */
export function outcomeOf(saved: Buffer, base: Buffer): Outcome {
  const [image, below] = [openArchive(saved), openArchive(base)]
  const shared = image.layers[0]?.equals(below.layers[0]!) ? below.layers.length : 0
  const known = shared ? treeOf(below.layers) : new Map<string, string>()
  const files = [...treeOf(image.layers.slice(shared))]
    .filter(([path, line]) => known.get(path) !== line)
    .map(([, line]) => line)
  return { config: sorted(image.config.config ?? {}), history: historyOf(image.config), files: files.sort() }
}

function openArchive(saved: Buffer): { readonly config: ImageConfig; readonly layers: readonly Buffer[] } {
  const contents = new Map(members(saved).map(({ path, content }) => [path, content]))
  const [{ Config, Layers }] = JSON.parse(contents.get('manifest.json')!.toString()) as [
    { Config: string; Layers: string[] | null },
  ]
  return {
    config: JSON.parse(contents.get(Config)!.toString()),
    layers: (Layers ?? []).map(layer => plainTar(contents.get(layer)!)),
  }
}

const plainTar = (layer: Buffer): Buffer => (layer[0] === 0x1f && layer[1] === 0x8b ? gunzipSync(layer) : layer)

/** What does not depend on an engine in the text of an error. */
export const plainError = (text: string): string =>
  text
    .replace(/^ERROR: (failed to build: )?(failed to solve: )?/, '')
    .replace(/ref [\w-]+::[\w-]+/g, 'ref')
    .trim()
