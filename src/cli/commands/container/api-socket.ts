import { Readable } from 'node:stream'
import { tarEntry } from '../../../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../../../archive/tar-header.ts'
import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import type { Config } from '../../config.ts'
import { plainAuths } from '../../credentials.ts'

/** Puts our credentials where `--use-api-socket` tells programs inside to look for them. */
export async function shareCredentials(engine: EngineConnection, config: Config, id: string): Promise<void> {
  const auths = plainAuths(config)
  if (Object.keys(auths).length === 0) return
  const text = Buffer.from(JSON.stringify({ auths }, null, '\t'))
  const parts = [
    encodeTarHeader(tarEntry('run/secrets/docker/', { type: 'directory', mode: 0o755 })),
    encodeTarHeader(tarEntry('run/secrets/docker/config.json', { mode: 0o600, size: text.length })),
    text,
    tarPadding(text.length),
    tarTrailer,
  ]
  await engine.containers.putArchive(id, '/', Readable.from([Buffer.concat(parts)], { objectMode: false }), {
    noOverwriteDirNonDir: true,
    copyUidGid: false,
  })
}
