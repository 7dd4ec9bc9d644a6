import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { isEngineError } from '../../../base/errors.ts'
import { formatSize } from '../../../base/size.ts'
import type { PathStat } from '../../../spec/engine-api/engine.ts'
import { type Context, command } from '../../command.ts'
import { extractTar } from '../../copy/extract.ts'
import { copyMeter } from '../../copy/meter.ts'
import { tarMembers, withTrailer } from '../../copy/walk.ts'
import { ExitError } from '../../errors.ts'

const flags = {
  archive: { type: 'bool', short: 'a', help: 'Keep owners' },
  'follow-link': { type: 'bool', short: 'L', help: 'Copy what a link leads to' },
  quiet: { type: 'bool', short: 'q', help: 'No progress; there is none without a terminal anyway' },
} as const

type CopyContext = Context<typeof flags>

const directoryBit = 2 ** 31
const linkBit = 2 ** 27
const isDirectory = ({ mode }: PathStat): boolean => Math.floor(mode / directoryBit) % 2 === 1
const isLink = ({ mode }: PathStat): boolean => Math.floor(mode / linkBit) % 2 === 1

/** `/x/` and `/x/.` mean the contents, which a plain join would forget. */
const endsAsDirectory = (path: string): boolean => /(^|\/)\.?$/.test(path) && path !== ''
const copiesContents = (path: string): boolean => /(^|\/)\.$/.test(path)

function keepEnd(path: string, original: string): string {
  if (copiesContents(original)) return path.endsWith('/.') ? path : `${path.replace(/\/$/, '')}/.`
  return original.endsWith('/') && !path.endsWith('/') ? `${path}/` : path
}

interface Place {
  readonly container: string
  readonly path: string
}

/** `container:path`; what begins with a slash or a dot is a path of ours. */
export function parsePlace(text: string): Place {
  if (text === '-' || isAbsolute(text)) return { container: '', path: text }
  const colon = text.indexOf(':')
  if (colon < 0 || text.startsWith('.')) return { container: '', path: text }
  return { container: text.slice(0, colon), path: text.slice(colon + 1) }
}

/** Replaces the first part of a member's name. */
const renamer =
  (from: string, to: string) =>
  (name: string): string => {
    if (name === from || name === `${from}/`) return to
    return name.startsWith(`${from}/`) ? `${to}/${name.slice(from.length + 1)}` : name
  }

/** Where what is called `base` goes, given what is there already. */
function landing(
  target: string,
  base: string,
  source: { readonly isDirectory: boolean; readonly contents: boolean },
  found: { readonly isDirectory: boolean } | undefined,
): { readonly folder: string; readonly name: string | undefined } {
  if (found?.isDirectory) return { folder: target, name: source.contents ? undefined : base }
  if (found && source.isDirectory) throw new ExitError(1, 'cannot copy directory')
  if (!found && !source.isDirectory && endsAsDirectory(target)) throw new ExitError(1, 'no such directory')
  const plain = target.replace(/\/\.?$/, '')
  return { folder: dirname(plain), name: basename(plain) }
}

const say = (bytes: number, target: string): string => `Successfully copied ${formatSize(bytes, 3)} to ${target}`

function checkTarget(target: string): void {
  const parent = dirname(resolve(target))
  if (target !== '-' && !existsSync(parent))
    throw new ExitError(1, `invalid output path: directory ${JSON.stringify(parent)} does not exist`)
}

async function fromContainer(context: CopyContext, { container, path }: Place, target: string): Promise<void> {
  const { engine, err, flags, out } = context
  checkTarget(target)
  let source = path
  if (flags['follow-link']) {
    const stat = await engine.containers.statPath(container, source).catch(() => undefined)
    if (stat && isLink(stat))
      source = keepEnd(isAbsolute(stat.linkTarget) ? stat.linkTarget : join(dirname(source), stat.linkTarget), source)
  }
  const { stat, tar } = await engine.containers.getArchive(container, source)
  if (target === '-') {
    if (out.isTerminal) throw new ExitError(1, 'cannot copy to a terminal')
    for await (const chunk of tar) out.write(chunk as Uint8Array)
    return
  }
  const destination = keepEnd(resolve(target), target)
  const local = existsSync(destination) ? { isDirectory: statSync(destination).isDirectory() } : undefined
  const base = copiesContents(source) || source.endsWith('/') ? stat.name : basename(source)
  const contents = copiesContents(source)
  const place = landing(destination, base, { isDirectory: isDirectory(stat), contents }, local)
  if (!existsSync(place.folder))
    throw new ExitError(1, `invalid output path: directory ${JSON.stringify(place.folder)} does not exist`)
  const first = contents ? '.' : stat.name
  const rename = place.name === undefined ? (name: string) => name : renamer(first, place.name)
  const meter = copyMeter(err, isQuiet(context), 'Copying from container')
  const named =
    contents && place.name !== undefined
      ? (name: string) => (name === '' || name === './' ? place.name! : `${place.name}/${name}`)
      : rename
  await extractTar(tar, place.folder, { rename: named, keepOwner: flags.archive, onBytes: meter.add })
  meter.stop()
  if (!isQuiet(context)) err.line(say(meter.bytes(), destination))
}

const isQuiet = ({ changed, flags, out }: CopyContext): boolean =>
  changed.has('quiet') ? flags.quiet : !out.isTerminal

/** What is at the destination, after one link. */
async function targetOf(
  { engine }: CopyContext,
  { container, path }: Place,
): Promise<{ path: string; stat: PathStat | undefined }> {
  const look = async (at: string) => {
    try {
      return await engine.containers.statPath(container, at)
    } catch (error) {
      if (isEngineError(error, 'not-found') && !/No such container/.test(error.message)) return undefined
      throw error
    }
  }
  const stat = await look(path)
  if (!stat || !isLink(stat)) return { path, stat }
  const linked = isAbsolute(stat.linkTarget) ? stat.linkTarget : join(dirname(path), stat.linkTarget)
  return { path: linked, stat: await look(linked) }
}

async function toContainer(context: CopyContext, source: string, place: Place): Promise<void> {
  const { engine, err, flags } = context
  const target = await targetOf(context, {
    container: place.container,
    path: isAbsolute(place.path) ? place.path : `/${place.path}`,
  })
  const options = { noOverwriteDirNonDir: true, copyUidGid: flags.archive }
  if (source === '-') {
    if (!target.stat || !isDirectory(target.stat))
      throw new ExitError(1, `destination "${place.container}:${place.path}" must be a directory`)
    return engine.containers.putArchive(place.container, target.path, process.stdin, options)
  }
  const absolute = keepEnd(resolve(source), source)
  const link = lstatSync(absolute.replace(/\/\.?$/, '') || '/', { throwIfNoEntry: false })
  if (!link) throw new ExitError(1, `lstat ${absolute.replace(/\/\.?$/, '')}: no such file or directory`)
  const follows = link.isSymbolicLink() && (flags['follow-link'] || endsAsDirectory(absolute))
  const real = follows
    ? resolve(dirname(absolute), readlinkSync(absolute.replace(/\/\.?$/, '')))
    : absolute.replace(/\/\.?$/, '') || '/'
  const isFolder = follows ? statSync(real).isDirectory() : link.isDirectory()
  if (source.endsWith('/') && !isFolder) throw new ExitError(1, `lstat ${absolute}: not a directory`)
  const contents = copiesContents(absolute)
  const found = target.stat && { isDirectory: isDirectory(target.stat) }
  const { folder, name } = landing(
    keepEnd(target.path, place.path),
    basename(absolute.replace(/\/\.?$/, '')),
    { isDirectory: isFolder, contents },
    found,
  )
  const root = name ?? ''
  const rename = (path: string) => (path ? (root ? `${root}/${path}` : path) : root || './')
  const meter = copyMeter(err, isQuiet(context), 'Copying to container')
  const members = tarMembers(real, { rename, keepOwner: true, onBytes: meter.add })
  await engine.containers.putArchive(
    place.container,
    folder,
    Readable.from(withTrailer(members), { objectMode: false }),
    options,
  )
  meter.stop()
  if (!isQuiet(context)) err.line(say(meter.bytes(), `${place.container}:${place.path}`))
}

export const cp = command({
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-',
  usages: ['[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-', '[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH'],
  summary: 'Copy files between a container and here',
  details:
    "Copy files and folders between a container and here.\n\nWith '-' as source, a tar archive is read from standard input and extracted in a folder\nof the container; with '-' as destination, one of the source is written to standard output.",
  aliases: ['container cp', 'cp'],
  minArgs: 2,
  maxArgs: 2,
  complete: 'container',
  flags,
  async run(context) {
    const [from = '', to = ''] = context.args
    if (!from) throw new ExitError(1, 'source can not be empty')
    if (!to) throw new ExitError(1, 'destination can not be empty')
    const [source, target] = [parsePlace(from), parsePlace(to)]
    if (source.container && target.container) throw new ExitError(1, 'copying between containers is not supported')
    if (source.container) return fromContainer(context, source, target.path)
    if (target.container) return toContainer(context, source.path, target)
    throw new ExitError(1, 'must specify at least one container source')
  },
})
