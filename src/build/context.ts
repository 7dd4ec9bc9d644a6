import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { parseIgnore } from '../archive/ignore.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import { MountedTree } from '../snapshot/mounted-tree.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import type { BuildDeps } from './deps.ts'
import { checkOut, directoryIn, parseGitAddress } from './ops/git.ts'
import type { Lent } from './ops/lent.ts'

const sizeLimit = 16 << 20

/** What the client sent, unpacked, for as long as one build takes. */
export interface BuildContext extends AsyncDisposable {
  /** text of the Dockerfile */
  readonly dockerfile: string
  readonly fileName: string
  /** a directory of this build alone */
  readonly scratch: string
  /** resolves when the files are there */
  ready(): Promise<void>
  /** the directory; only after ready() */
  path(): string
  open(): MountedTree
  /** kind and digest of a file or directory, where they are known without looking; only after ready() */
  hashOf?(path: string): string | undefined
  /** nobody ever writes to its files, and they are on the file system of the layers */
  readonly isFrozen?: boolean
}

/** @throws EngineError with Docker's text when there is no Dockerfile in it */
export async function openContext(deps: BuildDeps, options: BuildOptions & Lent, tar: Readable): Promise<BuildContext> {
  mkdirSync(deps.dir, { recursive: true, mode: 0o700 })
  const fileName = options.dockerfile || 'Dockerfile'
  await using undo = new AsyncDisposableStack()
  const scratch = mkdtempSync(join(deps.dir, 'build-'))
  undo.defer(() => rmSync(scratch, { recursive: true, force: true }))
  const remote = options.remote ? undo.use(await fetchRemote(deps, options.remote, scratch, options)) : undefined
  const extracted = remote ? undefined : undo.use(await deps.snapshots.extract(tar, options))
  const source = extracted?.directory ?? remote?.directory ?? scratch
  const open = () => new MountedTree({ type: 'bind', source, options: [] }, deps.dir)
  using tree = open()
  const dockerfile = remote?.text ?? readDockerfile(tree, fileName)
  if (dockerfile === '') throw new EngineError('invalid', `the Dockerfile (${fileName}) cannot be empty`)
  dropIgnored(tree, fileName)
  const kept = undo.move()
  return {
    dockerfile,
    fileName,
    scratch,
    ready: async () => {},
    path: () => source,
    open,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function readDockerfile(tree: MountedTree, fileName: string): string {
  for (const name of fileName === 'Dockerfile' ? ['Dockerfile', 'dockerfile'] : [fileName]) {
    const text = readIn(tree, name)
    if (text !== undefined) return text
  }
  throw new EngineError('internal', `Cannot locate specified Dockerfile: ${fileName}`)
}

function readIn(tree: MountedTree, name: string): string | undefined {
  try {
    const path = tree.locate(posix.resolve('/', name))
    const stat = statSync(path)
    // a device or a FIFO would never end
    return stat.isFile() && stat.size <= sizeLimit ? readFileSync(path, 'utf8') : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** The client must send both files even if they are ignored; they are no part of the context then. */
function dropIgnored(tree: MountedTree, fileName: string): void {
  const rules = readIn(tree, '.dockerignore')
  if (rules === undefined) return
  const isIgnored = parseIgnore(rules)
  for (const name of ['.dockerignore', posix.normalize(fileName)])
    if (isIgnored(name) && readIn(tree, name) !== undefined) rmSync(tree.locate(posix.resolve('/', name)))
}

/** What an address gave: a Dockerfile, or the files of an archive or a repository. */
interface Remote extends AsyncDisposable {
  readonly text?: string
  readonly directory?: string
}

/** @throws EngineError when there is nothing at `url`, or it is of no use */
export async function fetchRemote(
  deps: BuildDeps,
  url: string,
  scratch: string,
  { signal, secret, agent }: Cancellable & Lent,
): Promise<Remote> {
  const git = parseGitAddress(url)
  if (git) {
    const directory = mkdtempSync(join(scratch, 'git-'))
    await checkOut(git, directory, { keepDir: git.keepDir ?? false, signal, secret, agent })
    return { directory: directoryIn(directory, git), [Symbol.asyncDispose]: async () => {} }
  }
  if (!/^https?:\/\//.test(url))
    throw new EngineError('not-implemented', `build context ${JSON.stringify(url)} is not supported`)
  const answer = await fetch(url, { signal: signal ?? null })
  if (!answer.ok || !answer.body)
    throw new EngineError('invalid', `failed to GET ${url} with status ${answer.status} ${answer.statusText}: `)
  if (/^text\//.test(answer.headers.get('content-type') ?? ''))
    return { text: await answer.text(), [Symbol.asyncDispose]: async () => {} }
  return deps.snapshots.extract(Readable.fromWeb(answer.body), { signal })
}
