import { createReadStream } from 'node:fs'
import { decompress } from '../../archive/compression.ts'
import { TarParser } from '../../archive/tar-parser.ts'
import { EngineError } from '../../base/errors.ts'
import { type CopyRules, copyChildren } from '../../snapshot/copy-tree.ts'
import type { StageView } from './op.ts'

/** Unpacks the archive at `path` into a directory; false when it is no archive. Owners stay those of the archive. */
export async function unpackInto(
  { deps, options }: Pick<StageView, 'deps' | 'options'>,
  path: string,
  directory: () => string,
  { mode }: CopyRules,
): Promise<boolean> {
  if (!(await isArchive(path))) return false
  await using extracted = await deps.snapshots.extract(createReadStream(path), options)
  const rules = { mode, signal: options.signal }
  await copyChildren(extracted.directory, directory(), rules)
  return true
}

/** Whether the file, uncompressed, begins with a member of a tar archive. */
async function isArchive(path: string): Promise<boolean> {
  let isTar = false
  const parser = new TarParser({ entry: () => (isTar = true), data: () => {}, endEntry: () => {} })
  const source = createReadStream(path)
  try {
    const plain = await decompress(source)
    let seen = 0
    for await (const chunk of plain) {
      parser.write(chunk)
      seen += chunk.length
      if (isTar || seen > 1 << 20) break
    }
  } catch (error) {
    if (!(error instanceof EngineError) && !/^(Z_|ERR_|ZSTD)/.test((error as NodeJS.ErrnoException).code ?? ''))
      throw error
  } finally {
    source.destroy()
  }
  return isTar
}
