import { createHash } from 'node:crypto'
import { createWriteStream, lstatSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { globPattern } from '../../archive/ignore.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import { expand } from '../dockerfile/expand.ts'
import type { Heredoc } from '../dockerfile/logical-lines.ts'
import type { Wanted } from './copy.ts'
import { checkOut, directoryIn, type GitAddress } from './git.ts'
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
  /** kind and digest, where they are known */
  readonly hash?: string | undefined
  /** where its tree is when nobody ever writes there and a second name may stand for a copy */
  readonly frozen?: string | undefined
  /** its files are of no more use after the build */
  readonly isSpent?: boolean | undefined
  /** resolves when it can be opened; absent when it can */
  readonly ready?: () => Promise<void>
  /** directory below the destination */
  readonly into?: string
}

/** What a word of COPY means in the context, or in the image `from`. */
export async function localSources(
  instruction: string,
  word: string,
  from: string | undefined,
  stage: StageView,
  parents = false,
): Promise<readonly Source[]> {
  const { deps, context, dialect } = stage
  const path = posix.normalize(`./${word}`)
  if (dialect === 'classic' && from === undefined && (path === '..' || path.startsWith('../')))
    throw new EngineError('invalid', `${instruction} failed: forbidden path outside the build context: ${word} ()`)
  const known = from === undefined && !parents ? indexedSources(instruction, word, stage) : undefined
  if (known) return known
  const image = from === undefined ? undefined : await stage.imageOf(from)
  if (!image) await context.ready()
  const open = () => (image ? new MountedTree(deps.snapshots.mount(image.chainId), deps.dir) : context.open())
  using tree = open()
  const clean = posix.resolve('/', path)
  const isPattern = /[*?[]/.test(word)
  const paths = isPattern ? matches(listerOf(tree), clean, parents) : [clean]
  for (const each of paths) checkThere(tree, each, instruction, image !== undefined, dialect)
  if (isPattern && paths.length === 0 && dialect === 'buildkit' && !parents) return []
  const pivot = parents ? pivotOf(word) : undefined
  return paths.map(each => ({
    name: posix.basename(each),
    path: each,
    open,
    unpack: image === undefined,
    hash: image ? undefined : context.hashOf?.(each),
    frozen: !image && context.isFrozen ? context.path() : undefined,
    isSpent: !image && context.isSpent,
    ...(pivot !== undefined && { into: intoOf(tree, each, pivot) }),
  }))
}

/** What the index of the context tells of a word; undefined when it takes the files themselves. */
function indexedSources(instruction: string, word: string, { context, dialect }: StageView) {
  const { index } = context
  if (!index) return undefined
  const clean = posix.resolve('/', posix.normalize(`./${word}`))
  const isPattern = /[*?[]/.test(word)
  if (isPattern && !index.names('/')) return undefined
  const lister: Lister = { names: dir => index.names(dir) ?? [], has: path => index.has(path), below: () => [] }
  const found = (isPattern ? matches(lister, clean, false) : [clean]).map(path => [path, index.lookUp(path)] as const)
  const sources: Source[] = []
  for (const [path, known] of found) {
    if (known === undefined) return undefined
    if (known === 'absent') throw notThere(path, instruction, false, dialect)
    sources.push({
      name: posix.basename(path),
      path,
      open: () => context.open(),
      ready: () => context.ready(),
      unpack: true,
      hash: known.hash,
      frozen: context.isFrozen ? context.path() : undefined,
      isSpent: context.isSpent,
    })
  }
  return sources
}

/** What comes before `/./` is not repeated at the destination. */
function pivotOf(word: string): string {
  const at = word.indexOf('/./')
  return at < 0 ? '/' : posix.resolve('/', word.slice(0, at))
}

function intoOf(tree: MountedTree, path: string, pivot: string): string {
  const below = posix.relative(pivot, path)
  return statSync(tree.locate(path)).isDirectory() ? below : posix.dirname(below)
}

function checkThere(
  tree: MountedTree,
  path: string,
  instruction: string,
  inImage: boolean,
  dialect: StageView['dialect'],
): void {
  try {
    tree.locate(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR') && !hasCode(error, 'ELOOP')) throw error
    throw notThere(path, instruction, inImage, dialect)
  }
}

function notThere(path: string, instruction: string, inImage: boolean, dialect: StageView['dialect']): EngineError {
  if (dialect === 'buildkit')
    return new EngineError(
      'invalid',
      `failed to compute cache key: failed to calculate checksum of ref: ${JSON.stringify(path)}: not found`,
    )
  const where = inImage ? '' : 'file not found in build context or excluded by .dockerignore: '
  return new EngineError('invalid', `${instruction} failed: ${where}stat ${path.slice(1)}: file does not exist`)
}

/** A tree as patterns are looked up in it. */
interface Lister {
  names(dir: string): readonly string[]
  has(path: string): boolean
  /** all directories below one */
  below(dir: string): readonly string[]
}

const listerOf = (tree: MountedTree): Lister => ({
  names: dir => tree.names(dir),
  has: path => tree.has(path),
  below: dir => directoriesBelow(tree, dir),
})

/** Paths that match a pattern, sorted; a star stops at a slash, two of them do not where `deep`. */
function matches(tree: Lister, pattern: string, deep: boolean): readonly string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter(Boolean)) {
    if (deep && part === '**') {
      found = [...new Set(found.flatMap(dir => [dir, ...tree.below(dir)]))]
      continue
    }
    const rule = /[*?[\\]/.test(part) ? globPattern(part.replaceAll('**', '*')) : undefined
    found = found.flatMap(dir => {
      if (!rule) return [posix.join(dir, part)]
      return tree
        .names(dir)
        .filter(name => rule.test(name))
        .map(name => posix.join(dir, name))
    })
  }
  return found.filter(path => tree.has(path)).sort()
}

function directoriesBelow(tree: MountedTree, dir: string): readonly string[] {
  return tree
    .names(dir)
    .map(name => posix.join(dir, name))
    .filter(path => lstatSync(tree.locate(path)).isDirectory())
    .flatMap(path => [path, ...directoriesBelow(tree, path)])
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
export async function downloadSource(
  url: string,
  { checksum }: Pick<Wanted, 'checksum'>,
  stage: StageView,
): Promise<Source> {
  const name = basename(new URL(url).pathname)
  if (!name) throw new EngineError('invalid', `ADD failed: cannot determine filename from url: ${url}`)
  const dir = mkdtempSync(join(stage.context.scratch, 'download-'))
  try {
    const { digest } = await download(url, dir, stage.options.signal, () => stage.send(`Downloading ${url}\n`))
    if (checksum !== undefined && digest !== checksum)
      throw new EngineError('invalid', `digest mismatch ${digest}: ${checksum}`)
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
  return sourceIn(stage, dir, name, 0o600)
}

/** Fetches a file into `dir`, with the time that the server has for it. */
export async function download(
  url: string,
  dir: string,
  signal: AbortSignal | undefined,
  onAnswer: () => void = () => {},
): Promise<{ readonly file: string; readonly digest: string }> {
  const file = basename(new URL(url).pathname) || 'download'
  const answer = await fetch(url, { signal: signal ?? null })
  if (!answer.ok || !answer.body)
    throw new EngineError(
      'internal',
      `ADD failed: failed to GET ${url} with status ${answer.status} ${answer.statusText}: `,
    )
  onAnswer()
  const hash = createHash('sha256')
  const watch = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(Readable.fromWeb(answer.body), watch, createWriteStream(join(dir, file), { mode: 0o600 }))
  const modified = Date.parse(answer.headers.get('last-modified') ?? '')
  if (!Number.isNaN(modified)) utimesSync(join(dir, file), modified / 1000, modified / 1000)
  return { file, digest: `sha256:${hash.digest('hex')}` }
}

/** A checked out repository, or a directory of it. */
export async function gitSource(
  address: GitAddress,
  { keepGitDir, checksum }: Pick<Wanted, 'keepGitDir' | 'checksum'>,
  stage: StageView,
): Promise<Source> {
  const dir = mkdtempSync(join(stage.context.scratch, 'git-'))
  const { secret, agent, options } = stage
  const keepDir = address.keepDir ?? keepGitDir
  const commit = await checkOut(address, dir, { keepDir, signal: options.signal, secret, agent })
  if (checksum !== undefined && commit !== checksum)
    throw new EngineError('invalid', `expected checksum to match ${checksum}, got ${commit}`)
  directoryIn(dir, address)
  const open = () => new MountedTree({ type: 'bind', source: dir, options: [] }, stage.deps.dir)
  return { name: posix.basename(address.directory) || 'git', path: address.directory, open, unpack: false }
}
