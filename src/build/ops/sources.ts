import { createWriteStream, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { globPattern } from '../../archive/ignore.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import { expand } from '../dockerfile/expand.ts'
import type { Heredoc } from '../dockerfile/logical-lines.ts'
import type { StageView } from './op.ts'

/** One thing to copy: a path in a tree. */
export interface Source {
  /** what it is called where it goes */
  readonly name: string
  readonly path: string
  readonly open: () => MountedTree
  /** an archive is unpacked by ADD */
  readonly unpack: boolean
  readonly mode?: number
}

/** What a word of COPY means in the context, or in the image `from`. */
export async function localSources(
  instruction: string,
  word: string,
  from: string | undefined,
  stage: StageView,
): Promise<readonly Source[]> {
  const { deps, context } = stage
  const path = posix.normalize(`./${word}`)
  if (from === undefined && (path === '..' || path.startsWith('../')))
    throw new EngineError('invalid', `${instruction} failed: forbidden path outside the build context: ${word} ()`)
  const image = from === undefined ? undefined : await stage.imageOf(from)
  if (!image) await context.ready()
  const open = () => (image ? new MountedTree(deps.snapshots.mount(image.chainId), deps.dir) : context.open())
  using tree = open()
  const clean = posix.resolve('/', path)
  const paths = /[*?[]/.test(word) ? matches(tree, clean) : [clean]
  for (const each of paths) checkThere(tree, each, instruction, image !== undefined)
  return paths.map(each => ({ name: posix.basename(each), path: each, open, unpack: image === undefined }))
}

function checkThere(tree: MountedTree, path: string, instruction: string, inImage: boolean): void {
  try {
    tree.locate(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR') && !hasCode(error, 'ELOOP')) throw error
    const where = inImage ? '' : 'file not found in build context or excluded by .dockerignore: '
    throw new EngineError('invalid', `${instruction} failed: ${where}stat ${path.slice(1)}: file does not exist`)
  }
}

/** Paths that match a pattern, sorted; a star stops at a slash. */
function matches(tree: MountedTree, pattern: string): readonly string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter(Boolean)) {
    const rule = /[*?[\\]/.test(part) ? globPattern(part.replaceAll('**', '*')) : undefined
    found = found.flatMap(dir => {
      if (!rule) return [posix.join(dir, part)]
      return namesIn(tree, dir)
        .filter(name => rule.test(name))
        .map(name => posix.join(dir, name))
    })
  }
  return found.filter(path => isThere(tree, path)).sort()
}

function namesIn(tree: MountedTree, dir: string): readonly string[] {
  try {
    return readdirSync(`${tree.locate(dir)}/.`)
  } catch {
    return [] // not there, or no directory: nothing matches
  }
}

function isThere(tree: MountedTree, path: string): boolean {
  try {
    tree.locate(path)
    return true
  } catch {
    return false
  }
}

/** A here-document as a file. */
export async function heredocSource(document: Heredoc, stage: StageView): Promise<Source> {
  const dir = mkdtempSync(join(stage.context.scratch, 'document-'))
  const body = document.expand
    ? expand(document.body, { get: name => stage.lookUp(name), escape: '\\', keepQuotes: true })
    : document.body
  writeFileSync(join(dir, document.name.replaceAll('/', '_')), body, { mode: 0o644 })
  utimesSync(join(dir, document.name.replaceAll('/', '_')), 0, 0)
  return sourceIn(stage, dir, document.name.replaceAll('/', '_'), 0o644)
}

const sourceIn = ({ deps }: StageView, dir: string, name: string, mode: number): Source => ({
  name,
  path: `/${name}`,
  open: () => new MountedTree({ type: 'bind', source: dir, options: [] }, deps.dir),
  unpack: false,
  mode,
})

/** A file from the net: its name is the last part of the address. */
export async function downloadSource(url: string, stage: StageView): Promise<Source> {
  const name = basename(new URL(url).pathname)
  if (!name) throw new EngineError('invalid', `ADD failed: cannot determine filename from url: ${url}`)
  const dir = mkdtempSync(join(stage.context.scratch, 'download-'))
  try {
    const answer = await fetch(url, { signal: stage.options.signal ?? null })
    if (!answer.ok || !answer.body)
      throw new EngineError(
        'internal',
        `ADD failed: failed to GET ${url} with status ${answer.status} ${answer.statusText}: `,
      )
    stage.send(`Downloading ${url}\n`)
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(join(dir, name), { mode: 0o600 }))
    const modified = Date.parse(answer.headers.get('last-modified') ?? '')
    if (!Number.isNaN(modified)) utimesSync(join(dir, name), modified / 1000, modified / 1000)
    statSync(join(dir, name))
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
  return sourceIn(stage, dir, name, 0o600)
}
