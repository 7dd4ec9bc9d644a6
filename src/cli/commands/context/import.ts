import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fromByteString, type TarEntry } from '../../../archive/tar-entry.ts'
import { TarParser } from '../../../archive/tar-parser.ts'
import { command } from '../../command.ts'
import type { ContextMeta } from '../../config.ts'
import { ContextStore, checkContextName } from '../../context/store.ts'
import { ExitError } from '../../errors.ts'
import { openFailure } from '../../terminal/file.ts'

const limit = 10 << 20

/** Files of an archive, whose size has a bound. */
function unpack(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  let current: { readonly entry: TarEntry; readonly body: Buffer } | undefined
  let total = 0
  const parser = new TarParser({
    entry(entry) {
      total += entry.size
      if (total > limit) throw new ExitError(1, `read exceeds the defined limit of ${limit} bytes`)
      current = { entry, body: Buffer.alloc(entry.type === 'file' ? entry.size : 0) }
    },
    data: (chunk, offset) => void chunk.copy(current!.body, offset),
    endEntry() {
      if (current?.entry.type === 'file') files.set(fromByteString(current.entry.name), current.body)
    },
  })
  parser.write(archive)
  parser.end()
  return files
}

/** Zip archives go through the system's unzip: few people have one. */
function unzip(path: string): ReadonlyMap<string, Buffer> {
  const names = spawnSync('unzip', ['-Z1', path], { encoding: 'utf8' })
  if (names.status !== 0) throw new ExitError(1, `cannot read the zip archive ${path}: install unzip`)
  const files = names.stdout.split('\n').filter(name => name && !name.endsWith('/'))
  return new Map(files.map(name => [name, spawnSync('unzip', ['-p', path, name]).stdout]))
}

function readArchive(path: string): ReadonlyMap<string, Buffer> {
  let bytes: Buffer
  try {
    bytes = readFileSync(path === '-' ? 0 : path)
  } catch (error) {
    throw new ExitError(1, `open ${path}: ${openFailure(error)}`)
  }
  return bytes.subarray(0, 2).toString() === 'PK' ? unzip(path) : unpack(bytes)
}

export const importContext = command({
  usage: 'CONTEXT FILE|-',
  summary: 'Read a context from a tar or zip archive',
  minArgs: 2,
  maxArgs: 2,
  flags: {},
  async run({ args: [name = '', path = ''], config, err, out }) {
    const store = new ContextStore(config)
    checkContextName(name)
    if (store.has(name)) throw new ExitError(1, `context ${JSON.stringify(name)} already exists`)
    const tls: Record<string, Buffer> = {}
    let meta: ContextMeta | undefined
    for (const [file, bytes] of readArchive(path)) {
      const certificate = /^tls\/docker\/([^/]+)$/.exec(file)?.[1]
      if (file === 'meta.json') meta = JSON.parse(bytes.toString()) as ContextMeta
      else if (certificate && certificate !== '..') tls[certificate] = bytes
      else throw new ExitError(1, `unexpected context file: ${JSON.stringify(file)}`)
    }
    if (!meta) throw new ExitError(1, 'invalid context: no metadata found')
    store.write({ ...meta, Name: name }, tls)
    out.line(name)
    err.line(`Successfully imported context ${JSON.stringify(name)}`)
  },
})
