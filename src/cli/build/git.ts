import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExitError } from '../errors.ts'

function git(args: readonly string[], cwd: string): void {
  const env = { ...process.env, GIT_PROTOCOL_FROM_USER: '0', GIT_TERMINAL_PROMPT: '0' }
  const done = spawnSync('git', args, { cwd, env, encoding: 'utf8' })
  if (done.error)
    throw new ExitError(
      1,
      `unable to prepare context: unable to find 'git': exec: "git": executable file not found in $PATH`,
    )
  if (done.status === 0) return
  throw new ExitError(
    1,
    `unable to prepare context: unable to 'git clone' to temporary context directory: error fetching: ${done.stderr.trim()}\n: exit status ${done.status}`,
  )
}

export interface Checkout extends Disposable {
  readonly folder: string
}

/** A repository's files, `url#ref:folder`, in a folder that goes when it is disposed. */
export function checkOut(url: string): Checkout {
  const [repository = '', fragment = ''] = url.split('#')
  const [ref = '', subfolder = ''] = fragment.split(':')
  const address = repository.startsWith('github.com/') ? `https://${repository}` : repository
  if (address.startsWith('-') || ref.startsWith('-'))
    throw new ExitError(1, `unable to prepare context: invalid git address: ${url}`)
  const root = mkdtempSync(join(tmpdir(), 'berth-build-git-'))
  const remove = () => rmSync(root, { recursive: true, force: true })
  try {
    git(['init', '--quiet'], root)
    git(['remote', 'add', 'origin', address], root)
    git(['fetch', '--quiet', '--depth', '1', 'origin', ref || 'HEAD'], root)
    git(['checkout', '--quiet', 'FETCH_HEAD'], root)
    git(['submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1'], root)
    const folder = realpathSync(join(root, subfolder))
    if (!`${folder}/`.startsWith(`${realpathSync(root)}/`) || !statSync(folder).isDirectory())
      throw new ExitError(
        1,
        `unable to prepare context: subfolder ${JSON.stringify(subfolder)} is not inside the repository`,
      )
    return { folder, [Symbol.dispose]: remove }
  } catch (error) {
    remove()
    throw error
  }
}
