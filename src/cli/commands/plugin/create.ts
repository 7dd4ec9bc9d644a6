import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { parseReference } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { tarMembers, withTrailer } from '../../copy/walk.ts'
import { ExitError } from '../../errors.ts'

function checkFolder(folder: string): void {
  const isFolder = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (!existsSync(folder)) throw new ExitError(1, `lstat ${folder}: no such file or directory`)
  if (!isFolder(folder)) throw new ExitError(1, `plugin data directory is not a directory: ${folder}`)
  const config = join(folder, 'config.json')
  if (!existsSync(config)) throw new ExitError(1, `open ${config}: no such file or directory`)
  JSON.parse(readFileSync(config, 'utf8'))
  if (!isFolder(join(folder, 'rootfs')))
    throw new ExitError(1, `stat ${join(folder, 'rootfs')}: no such file or directory`)
}

export const create = command({
  usage: '[OPTIONS] PLUGIN PLUGIN-DATA-DIR',
  summary: 'Make a plugin from a folder with config.json and rootfs',
  minArgs: 2,
  maxArgs: 2,
  flags: { compress: { type: 'bool', help: 'Send it through gzip' } },
  async run({ args: [name = '', folder = ''], engine, flags, out }) {
    parseReference(name)
    checkFolder(folder)
    const members = tarMembers(folder, { rename: path => path || undefined, keepOwner: true })
    const tar = Readable.from(withTrailer(members), { objectMode: false })
    const body = flags.compress ? tar.pipe(createGzip()) : tar
    const headers = { 'Content-Type': 'application/x-tar' }
    await engine.requestJson({ method: 'POST', path: '/plugins/create', query: { name }, headers, body })
    out.line(name)
  },
})
