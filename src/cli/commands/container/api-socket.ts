import { Readable } from 'node:stream'
import { tarEntry } from '../../../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../../../archive/tar-header.ts'
import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import type { Config } from '../../config.ts'
import { plainAuths } from '../../credentials.ts'

/** Whether there is anything to share; what helpers and seals keep stays with them. */
export const hasCredentials = (config: Config): boolean => Object.keys(plainAuths(config)).length > 0

/** Puts our credentials where `--use-api-socket` tells programs inside to look for them. */
export async function shareCredentials(engine: EngineConnection, config: Config, id: string): Promise<void> {
  if (!hasCredentials(config)) return
  const auths = plainAuths(config)
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
