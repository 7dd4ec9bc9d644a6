import { execFile } from 'node:child_process'
import { lstatSync, rmSync } from 'node:fs'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import type { Cancellable } from '../../base/cancellable.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { withoutPassword } from '../../base/without-password.ts'
import { openAccess } from './git-access.ts'
import type { Lent } from './lent.ts'

const run = promisify(execFile)

export interface GitAddress {
  readonly remote: string
  /** branch, tag or commit; undefined is what the remote offers first */
  readonly ref: string | undefined
  readonly directory: string
  /** the commit that `ref` must be */
  readonly checksum?: string | undefined
  /** undefined: where it is used decides */
  readonly keepDir?: boolean | undefined
  /** false: modules within it stay away */
  readonly submodules?: boolean | undefined
}

const isCommit = (ref: string): boolean => /^[0-9a-f]{40}$/.test(ref)

/**
 * `https://….git#ref:dir`, `https://….git?ref=…&subdir=…`, `git://`, `ssh://`, `git@host:path`; undefined for anything
 * else.
 *
 * @throws EngineError `invalid` for a query that means nothing
 */
export function parseGitAddress(text: string): GitAddress | undefined {
  const [whole = '', fragment = ''] = text.split('#', 2)
  const [address = '', query = ''] = whole.split('?', 2)
  const isGit =
    /^(git:\/\/|ssh:\/\/|git@[^/]+:|[\w.-]+@[\w.-]+:)/.test(address) ||
    /^https?:\/\/.+\.git$/.test(address) ||
    (/^(https:\/\/)?github\.com\/[^/]+\/[^/]+$/.test(address) && query === '')
  if (!isGit) return undefined
  const remote = address.startsWith('github.com/') ? `https://${address}` : address
  const [ref = '', directory = ''] = fragment.split(':', 2)
  const plain = { remote, ref: ref || undefined, directory: posix.join('/', directory) }
  return query === '' ? plain : withQuery(plain, query)
}

const isOn = (value: string): boolean => !['0', 'f', 'false', 'FALSE', 'False'].includes(value)

function withQuery(plain: GitAddress, query: string): GitAddress {
  const given = new URLSearchParams(query)
  let address = plain
  const set = (more: Partial<GitAddress>) => (address = { ...address, ...more })
  for (const [key, value] of given) {
    if (key === 'ref') set({ ref: value || plain.ref })
    else if (key === 'branch') set({ ref: `refs/heads/${value}` })
    else if (key === 'tag') set({ ref: `refs/tags/${value}` })
    else if (key === 'subdir') set({ directory: posix.join('/', value) })
    else if (key === 'checksum' || key === 'commit') set({ checksum: value })
    else if (key === 'keep-git-dir') set({ keepDir: isOn(value) })
    else if (key === 'submodules') set({ submodules: isOn(value) })
    else throw new EngineError('invalid', `unexpected query ${JSON.stringify(key)}`)
  }
  if (['ref', 'branch', 'tag'].filter(key => given.get(key)).length + (plain.ref === undefined ? 0 : 1) > 1)
    throw new EngineError('invalid', 'ref conflicts: more than one of ref, branch, tag and a fragment is given')
  return address
}

const settings = ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.file.allow=never']
const plainEnv = {
  HOME: '/nonexistent',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ALLOW_PROTOCOL: 'http:https:git:ssh',
  GIT_SSH_COMMAND: 'ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null',
  LC_ALL: 'C',
}

/**
 * Checks a repository out into `target`, with the modules in it, history and all only with `keepDir`; returns the commit.
 * Nothing in the repository is run, and files are never fetched by way of this machine.
 */
export async function checkOut(
  { remote, ref, submodules, checksum }: GitAddress,
  target: string,
  { keepDir, signal, ...lent }: { readonly keepDir: boolean } & Cancellable & Lent,
): Promise<string> {
  if (remote.startsWith('-') || ref?.startsWith('-')) throw new EngineError('invalid', `invalid git address ${remote}`)
  await using access = await openAccess(remote, lent)
  const options = {
    cwd: target,
    env: { PATH: process.env.PATH ?? '', ...plainEnv, ...access.env },
    signal,
    maxBuffer: 1 << 24,
  }
  const git = (...args: readonly string[]) => run('git', [...settings, ...args], options)
  try {
    await git('init', '--quiet')
    await git('remote', 'add', 'origin', remote)
    await fetchRef(git, ref)
    await git('checkout', '--quiet', '--force', ref && isCommit(ref) ? ref : 'FETCH_HEAD')
    if (submodules !== false) await git('submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1')
    const { stdout } = await git('rev-parse', 'HEAD')
    if (!keepDir) rmSync(`${target}/.git`, { recursive: true, force: true })
    const commit = stdout.trim()
    if (checksum && !commit.startsWith(checksum))
      throw new EngineError('invalid', `expected checksum to match ${checksum}, got ${commit}`)
    return commit
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof EngineError ? error : failure(error, remote, ref)
  }
}

type Git = (...args: readonly string[]) => Promise<unknown>

/** Some servers give a commit only to those who take everything. */
async function fetchRef(git: Git, ref: string | undefined): Promise<void> {
  const fetch = ['fetch', '--quiet']
  const one = git(...fetch, '--depth', '1', 'origin', ref ?? 'HEAD')
  if (!ref || !isCommit(ref)) return void (await one)
  await one.catch(() => git(...fetch, '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*'))
}

function failure(error: unknown, remote: string, ref: string | undefined): EngineError {
  if (hasCode(error, 'ENOENT')) return new EngineError('unavailable', 'git is not installed: it fetches repositories')
  const { stderr, code } = error as { readonly stderr?: string; readonly code?: number }
  const reason = withoutPassword(String(stderr ?? error).trim())
  if (/couldn't find remote ref/.test(reason))
    return new EngineError('invalid', `repository does not contain ref ${ref}, output: ""`)
  const what = ref ? 'failed to fetch remote' : 'error fetching default branch for repository'
  return new EngineError('invalid', `${what} ${withoutPassword(remote)}: git stderr:\n${reason}\n: exit status ${code}`)
}

/**
 * The directory of a repository that an address means, below `target`: no link leads there.
 *
 * @throws EngineError `invalid`
 */
export function directoryIn(target: string, { directory }: GitAddress): string {
  let at = target
  const refused = (why: string) => new EngineError('invalid', `invalid subdir ${directory}: ${why}`)
  for (const part of directory.split('/').filter(Boolean)) {
    at = `${at}/${part}`
    const path = at.slice(target.length + 1)
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (!stat) throw refused(`failed to lstat ${JSON.stringify(path)}: statat ${path}: no such file or directory`)
    if (!stat.isDirectory())
      throw refused(`git subpath ${JSON.stringify(directory)} contains non-directory ${JSON.stringify(path)}`)
  }
  return at
}
