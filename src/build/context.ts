import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { parseIgnore } from '../archive/ignore.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import type { MountedTree } from '../snapshot/mounted-tree.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import { type ContextFiles, holdFiles, plainFiles } from './context-files.ts'
import type { ContextIndex } from './context-index.ts'
import type { BuildDeps } from './deps.ts'
import { checkOut, directoryIn, parseGitAddress } from './ops/git.ts'
import type { Lent } from './ops/lent.ts'

/** What the client sent, for as long as one build takes. */
export interface BuildContext extends AsyncDisposable {
  /** text of the Dockerfile */
  readonly dockerfile: string
  readonly fileName: string
  /** a directory of this build alone */
  readonly scratch: string
  /** what is known before the files are there */
  readonly index?: ContextIndex | undefined
  /** resolves when the files are there */
  ready(): Promise<void>
  /** the directory; it has its files only after ready() */
  path(): string
  /** only after ready() */
  open(): MountedTree
  /** kind and digest of a file or directory, where they are known without looking; only after ready() */
  hashOf?(path: string): string | undefined
  /** nobody ever writes to its files, and they are on the file system of the layers */
  readonly isFrozen?: boolean
  /** its files are of no more use after the build: their times may change */
  readonly isSpent?: boolean
}

/** @throws EngineError with Docker's text when there is no Dockerfile in it */
export async function openContext(deps: BuildDeps, options: BuildOptions & Lent, tar: Readable): Promise<BuildContext> {
  mkdirSync(deps.dir, { recursive: true, mode: 0o700 })
  const fileName = options.dockerfile || 'Dockerfile'
  await using undo = new AsyncDisposableStack()
  const scratch = mkdtempSync(join(deps.dir, 'build-'))
  undo.defer(() => rmSync(scratch, { recursive: true, force: true }))
  const remote = options.remote
    ? await fetchRemote(options.remote, scratch, { ...options, keepGitDir: keepsGitDir(options) })
    : { tar }
  const files = remote.tar
    ? undo.use(await holdFiles(deps, remote.tar, fileName, scratch, options))
    : plainFiles(deps, remote.directory ?? scratch)
  const dockerfile = remote.text ?? (await files.text(namesOf(fileName)))
  if (dockerfile === undefined) throw new EngineError('internal', `Cannot locate specified Dockerfile: ${fileName}`)
  if (dockerfile === '') throw new EngineError('invalid', `the Dockerfile (${fileName}) cannot be empty`)
  const ignored = await ignoredFiles(files, fileName)
  files.drop(ignored)
  const kept = undo.move()
  return {
    dockerfile,
    fileName,
    scratch,
    index: files.index,
    ready: () => files.ready(),
    path: () => files.path,
    open: () => files.open(),
    isFrozen: true,
    isSpent: true,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const namesOf = (fileName: string): readonly string[] =>
  fileName === 'Dockerfile' ? ['Dockerfile', 'dockerfile'] : [fileName]

/** The client must send both files even if they are ignored; they are no part of the context then. */
async function ignoredFiles(files: ContextFiles, fileName: string): Promise<readonly string[]> {
  const rules = await files.text(['.dockerignore'])
  if (rules === undefined) return []
  const isIgnored = parseIgnore(rules)
  return ['.dockerignore', posix.normalize(fileName)].filter(isIgnored)
}

const keepsGitDir = ({ buildArgs }: BuildOptions): boolean =>
  /^(1|t|true)$/i.test(buildArgs?.BUILDKIT_CONTEXT_KEEP_GIT_DIR ?? '')

/** What an address gave: a Dockerfile, or the files of an archive or a repository. */
interface Remote {
  readonly text?: string
  readonly directory?: string
  readonly tar?: Readable
}

/** @throws EngineError when there is nothing at `url`, or it is of no use */
export async function fetchRemote(
  url: string,
  scratch: string,
  { signal, secret, agent, keepGitDir = false }: Cancellable & Lent & { readonly keepGitDir?: boolean },
): Promise<Remote> {
  const git = parseGitAddress(url)
  if (git) {
    const directory = mkdtempSync(join(scratch, 'git-'))
    await checkOut(git, directory, { keepDir: git.keepDir ?? keepGitDir, signal, secret, agent })
    return { directory: directoryIn(directory, git) }
  }
  if (!/^https?:\/\//.test(url))
    throw new EngineError('not-implemented', `build context ${JSON.stringify(url)} is not supported`)
  const answer = await fetch(url, { signal: signal ?? null })
  if (!answer.ok || !answer.body)
    throw new EngineError('invalid', `failed to GET ${url} with status ${answer.status} ${answer.statusText}: `)
  if (/^text\//.test(answer.headers.get('content-type') ?? '')) return { text: await answer.text() }
  return { tar: Readable.fromWeb(answer.body) }
}
