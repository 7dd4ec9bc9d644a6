import { existsSync, writeFileSync } from 'node:fs'
import { tarEntry, toByteString } from '../../../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding } from '../../../archive/tar-header.ts'
import { command } from '../../command.ts'
import { ContextStore } from '../../context/store.ts'
import { ExitError } from '../../errors.ts'

const folder = (name: string): Buffer => encodeTarHeader(tarEntry(name, { type: 'directory', mode: 0o700 }))

function file(name: string, bytes: Uint8Array, mode: number): Buffer {
  const header = encodeTarHeader(tarEntry(toByteString(name), { mode, size: bytes.length }))
  return Buffer.concat([header, bytes, tarPadding(bytes.length)])
}

// Docker ends such an archive without the blocks of zeros that others end with.
function archiveOf(store: ContextStore, name: string): Buffer {
  const meta = Buffer.from(JSON.stringify(store.read(name)))
  const tls = Object.entries(store.tlsFiles(name))
  return Buffer.concat([
    file('meta.json', meta, 0o644),
    folder('tls'),
    ...(tls.length ? [folder('tls/docker')] : []),
    ...tls.map(([path, bytes]) => file(`tls/docker/${path}`, bytes, 0o600)),
  ])
}

export const exportContext = command({
  usage: '[OPTIONS] CONTEXT [FILE|-]',
  summary: 'Write a context into a tar archive, FILE or standard output',
  minArgs: 1,
  maxArgs: 2,
  complete: 'context',
  flags: {},
  async run({ args: [name = '', target], config, err, out }) {
    if (name !== 'default' && !/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
      throw new ExitError(
        1,
        `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
      )
    const archive = archiveOf(new ContextStore(config), name)
    const path = target ?? `${name}.dockercontext`
    if (path === '-') {
      if (out.isTerminal) throw new ExitError(1, 'cowardly refusing to export to a terminal, specify a file path')
      return out.write(archive)
    }
    if (existsSync(path)) throw new ExitError(1, `open ${path}: file exists`)
    writeFileSync(path, archive, { mode: 0o600, flag: 'wx' })
    err.line(`Written file ${JSON.stringify(path)}`)
  },
})
