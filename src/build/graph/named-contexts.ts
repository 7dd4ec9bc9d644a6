import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import { copyChildren } from '../../snapshot/copy-tree.ts'
import type { BuildClient } from '../../spec/engine-api/solver.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { fetchRemote } from '../context.ts'
import type { BuildDeps } from '../deps.ts'
import type { ClientDirectories } from './directories.ts'
import { toPatterns } from './files.ts'
import type { GraphOptions } from './options.ts'
import type { Progress } from './progress.ts'
import { lentBy } from './remote-context.ts'

export interface NamedNeeds {
  readonly deps: BuildDeps
  readonly directories: ClientDirectories
  readonly client: BuildClient
  readonly options: GraphOptions
  readonly progress: Progress
}

/** What `--build-context` puts in the place of an image: a value such as `docker-image://busybox` or `local:dir`. */
export function contextCalled(name: string, { contexts }: GraphOptions, platform: string): string | undefined {
  const short = name.replace(/^docker\.io\/(library\/)?/, '')
  const names = [name, short, short.replace(/:latest$/, ''), `${short}:latest`]
  return names.map(each => contexts.get(`${each}::${platform}`) ?? contexts.get(each)).find(Boolean)
}

/** The name of the image that a named context means; undefined when it means files. */
export function imageOfContext(value: string): string | undefined {
  if (!value.startsWith('docker-image://')) return undefined
  return value.slice('docker-image://'.length)
}

/** Files of a named context as an image with one layer and no configuration. */
export async function filesOfContext(
  needs: NamedNeeds,
  name: string,
  value: string,
  platform: Platform,
): Promise<ResolvedImage> {
  const { deps, options } = needs
  const place = mkdtempSync(join(deps.dir, 'step-'))
  try {
    const upper = join(place, 'diff')
    mkdirSync(upper, { mode: 0o755 })
    if (value.startsWith('local:')) await receiveInto(upper, needs, name, value.slice('local:'.length))
    else if (/^(https?:|git|ssh:)/.test(value)) {
      const remote = await fetchRemote(value, place, { ...lentBy(needs.client), signal: options.signal })
      await using archive = remote.tar ? await deps.snapshots.extract(remote.tar, options) : undefined
      const directory = remote.directory ?? archive?.directory
      if (directory === undefined)
        throw new EngineError('invalid', `context ${name}: ${value} is no archive and no repository`)
      await copyChildren(directory, upper, { signal: options.signal })
    } else throw new EngineError('not-implemented', `unsupported context source ${value.split(':')[0]} for ${name}`)
    const times = { seconds: options.sourceDateEpoch ?? 0, all: true }
    const { chainId, diffId } = await deps.images.storeLayer(undefined, { adopt: upper, times })
    const config = { ...platform, config: {}, rootfs: { type: 'layers' as const, diff_ids: [diffId] } }
    return { id: '' as ResolvedImage['id'], config, chainId, size: 0 }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function receiveInto(upper: string, needs: NamedNeeds, name: string, directory: string): Promise<void> {
  const { directories, client, progress, options } = needs
  const rules = await progress.during(`[context ${name}] load .dockerignore`, async () => {
    const chunks: Uint8Array[] = []
    const sink = {
      entry: () => true,
      data: (_: string, chunk: Uint8Array) => void chunks.push(Buffer.from(chunk)),
      end() {},
    }
    await client.receiveDirectory(directory, { follow: ['.dockerignore'] }, sink)
    return Buffer.concat(chunks).toString('utf8')
  })
  await progress.during(`[context ${name}] load from client`, async step => {
    const wanted = { exclude: toPatterns(rules), signal: options.signal }
    using received = await directories.receive(client, directory, wanted, step, name)
    await copyChildren(received.path, upper, { owner: { uid: 0, gid: 0 }, signal: options.signal })
  })
}
