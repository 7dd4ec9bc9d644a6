import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { parseIgnore } from '../../archive/ignore.ts'
import { tarEntry, toByteString } from '../../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding } from '../../archive/tar-header.ts'
import { tarMembers, withTrailer } from '../copy/walk.ts'
import { ExitError } from '../errors.ts'

/** What is sent to the engine as a build's context. */
export interface BuildContext {
  readonly tar: Readable | undefined
  /** path of the Dockerfile inside it */
  readonly dockerfile: string
  /** URL that the engine fetches itself */
  readonly remote?: string
}

const fail = (why: string) => new ExitError(1, `unable to prepare context: ${why}`)

/** A file of the archive that is not in the folder. */
function member(name: string, text: Buffer): Buffer {
  const header = encodeTarHeader(tarEntry(toByteString(name), { mode: 0o600, size: text.length }))
  return Buffer.concat([header, text, tarPadding(text.length)])
}

async function* joined(
  ...parts: readonly (AsyncIterable<Uint8Array> | readonly Uint8Array[])[]
): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield* part
}

/** The part of a path that is not there. */
const firstMissing = (path: string): string => {
  const parent = dirname(path)
  return parent === path || existsSync(parent) ? path : firstMissing(parent)
}

interface FoundDockerfile {
  readonly name: string
  /** set when it does not come from the context */
  readonly text?: Buffer
}

const randomName = (): string => `.dockerfile.${Math.random().toString(16).slice(2, 12).padEnd(10, '0')}`

/** The Dockerfile's name in the context; one from outside or standard input travels under a name of its own. */
function findDockerfile(root: string, given: string, stdin: () => Buffer): FoundDockerfile {
  if (given === '-') return { name: randomName(), text: stdin() }
  const usual = () =>
    existsSync(join(root, 'Dockerfile')) || !existsSync(join(root, 'dockerfile')) ? 'Dockerfile' : 'dockerfile'
  const path = given ? resolve(given) : join(root, usual())
  let real: string
  try {
    real = realpathSync(path)
  } catch {
    throw fail(`unable to evaluate symlinks in Dockerfile path: lstat ${firstMissing(path)}: no such file or directory`)
  }
  const name = relative(root, real)
  if (name.startsWith('..') || isAbsolute(name)) return { name: randomName(), text: readFileSync(real) }
  return { name: given ? name : relative(root, path) }
}

function ignoreRules(root: string, dockerfile: string): (path: string) => boolean {
  const file = [`${dockerfile}.dockerignore`, '.dockerignore'].map(name => join(root, name)).find(existsSync)
  if (!file) return () => false
  try {
    return parseIgnore(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ExitError(1, `error checking context: ${(error as Error).message}`)
  }
}

const hasExceptions = (root: string): boolean => {
  const path = join(root, '.dockerignore')
  return existsSync(path) && /^\s*!/m.test(readFileSync(path, 'utf8'))
}

/** A folder as context: what `.dockerignore` names stays behind, but for the two files that the build itself reads. */
export function fromFolder(folder: string, given: string, stdin: () => Buffer): BuildContext {
  const found = lstatSync(folder, { throwIfNoEntry: false }) && statSync(folder, { throwIfNoEntry: false })
  if (!found) throw fail(`path ${JSON.stringify(folder)} not found`)
  if (!found.isDirectory()) throw fail(`context must be a directory: ${resolve(folder)}`)
  const root = realpathSync(folder)
  const { name, text } = findDockerfile(root, given, stdin)
  const isIgnored = ignoreRules(root, name)
  const needed = new Set([name, '.dockerignore'])
  const parents = new Set([...needed].flatMap(path => path.split('/').map((_, at, all) => all.slice(0, at).join('/'))))
  const searches = hasExceptions(root)
  const visit = (path: string, stat: { isDirectory(): boolean }) => {
    if (needed.has(path) || !isIgnored(path)) return 'take'
    if (!stat.isDirectory()) return 'skip'
    return searches || parents.has(path) ? 'skip' : 'prune'
  }
  const members = tarMembers(root, { rename: path => path || undefined, keepOwner: false }, visit)
  const extra = text ? [member(name, text)] : []
  return { tar: Readable.from(withTrailer(joined(members, extra)), { objectMode: false }), dockerfile: name }
}

/** Standard input as context: a tar archive, or a Dockerfile alone. */
export async function fromStdin(given: string, input: Readable): Promise<BuildContext> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let head: Buffer = Buffer.alloc(0)
  let isDone = false
  while (head.length < 512 && !isDone) {
    const next = await chunks.next()
    isDone = next.done === true
    if (!isDone) head = Buffer.concat([head, next.value])
  }
  async function* rest(): AsyncGenerator<Buffer> {
    yield head
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  if (isArchive(head)) return { tar: Readable.from(rest(), { objectMode: false }), dockerfile: given || 'Dockerfile' }
  if (given === '-')
    throw new ExitError(
      1,
      "unable to prepare context: invalid argument: can't use stdin for both build context and dockerfile",
    )
  const parts: Buffer[] = []
  for await (const part of rest()) parts.push(part)
  const text = member('Dockerfile', Buffer.concat(parts))
  return { tar: Readable.from(withTrailer(joined([text])), { objectMode: false }), dockerfile: 'Dockerfile' }
}

const magics = ['1f8b08', '425a68', 'fd377a585a00', '28b52ffd']

const isArchive = (head: Buffer): boolean =>
  magics.some(magic => head.subarray(0, magic.length / 2).equals(Buffer.from(magic, 'hex'))) ||
  head.toString('latin1', 257, 262) === 'ustar' ||
  isOldTar(head)

/** A tar header without a magic has a checksum that fits. */
function isOldTar(head: Buffer): boolean {
  if (head.length < 512) return false
  const told = Number.parseInt(head.toString('latin1', 148, 156).replace(/[\0 ]+$/, ''), 8)
  let sum = 8 * 32
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head[at]!
  return told === sum
}

export const isGitUrl = (text: string): boolean =>
  /^(git:\/\/|git@|github\.com\/|ssh:\/\/)/.test(text) || (/^https?:\/\//.test(text) && /\.git(#.*)?$/.test(text))

export const isUrl = (text: string): boolean => /^(https?|ftp):\/\//.test(text)
