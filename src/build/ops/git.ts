import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import type { Cancellable } from '../../base/cancellable.ts'
import { EngineError, hasCode } from '../../base/errors.ts'

const run = promisify(execFile)

export interface GitAddress {
  readonly remote: string
  /** branch, tag or commit; undefined is what the remote offers first */
  readonly ref: string | undefined
  readonly directory: string
}

const isCommit = (ref: string): boolean => /^[0-9a-f]{40}$/.test(ref)

/** `https://….git#ref:dir`, `git://`, `ssh://`, `git@host:path`; undefined for anything else. */
export function parseGitAddress(text: string): GitAddress | undefined {
  const [address = '', fragment = ''] = text.split('#', 2)
  const isGit =
    /^(git:\/\/|ssh:\/\/|git@[^/]+:|[\w.-]+@[\w.-]+:)/.test(address) ||
    /^https?:\/\/[^?]+\.git$/.test(address) ||
    /^(https:\/\/)?github\.com\/[^/]+\/[^/]+$/.test(address)
  if (!isGit) return undefined
  const [ref = '', directory = ''] = fragment.split(':', 2)
  return {
    remote: address.startsWith('github.com/') ? `https://${address}` : address,
    ref: ref || undefined,
    directory: posix.join('/', directory),
  }
}

/**
 * Checks a repository out into `target`, history and all only with `keepDir`; returns the commit.
 * Nothing in the repository is run, and files are never fetched by way of this machine.
 */
export async function checkOut(
  { remote, ref }: GitAddress,
  target: string,
  { keepDir, signal }: { readonly keepDir: boolean } & Cancellable,
): Promise<string> {
  if (remote.startsWith('-') || ref?.startsWith('-')) throw new EngineError('invalid', `invalid git address ${remote}`)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'http:https:git:ssh',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new',
  }
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.file.allow=never', ...args], {
      cwd: target,
      env,
      signal,
      maxBuffer: 1 << 24,
    })
  try {
    await git('init', '--quiet')
    await git('remote', 'add', 'origin', remote)
    await git('fetch', '--quiet', '--depth', '1', 'origin', ref ?? 'HEAD')
    await git('checkout', '--quiet', '--force', ref && isCommit(ref) ? ref : 'FETCH_HEAD')
    const { stdout } = await git('rev-parse', 'HEAD')
    if (!keepDir) rmSync(`${target}/.git`, { recursive: true, force: true })
    return stdout.trim()
  } catch (error) {
    signal?.throwIfAborted()
    if (hasCode(error, 'ENOENT')) throw new EngineError('unavailable', 'git is not installed: it fetches repositories')
    const reason = String((error as { stderr?: string }).stderr ?? error).trim()
    throw new EngineError('invalid', `failed to fetch remote ${remote}: ${reason}`, { cause: error })
  }
}
