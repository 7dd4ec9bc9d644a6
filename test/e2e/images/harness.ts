import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../../src/base/database.ts'
import { silentLog } from '../../../src/base/log.ts'
import { LocalContentStore } from '../../../src/content/local-content-store.ts'
import type { ImageUser } from '../../../src/image/deps.ts'
import { createImages, type Images } from '../../../src/image/images.ts'
import type { RemoteConfig } from '../../../src/remote/config.ts'
import { OverlaySnapshotter } from '../../../src/snapshot/overlay-snapshotter.ts'
import type { ProgressMessage } from '../../../src/spec/engine-api/engine.ts'

export interface Harness extends AsyncDisposable {
  readonly images: Images
  readonly snapshots: OverlaySnapshotter
  readonly dir: string
  readonly events: string[]
  readonly users: Map<string, ImageUser[]>
  pull(name: string, tag?: string): Promise<readonly ProgressMessage[]>
  /** what is on disk: blobs, layers, unfinished things */
  disk(): { readonly blobs: number; readonly layers: number; readonly unfinished: number }
}

/** Images on a temporary root, without an engine around them. */
export function openImages(given?: string, remote: RemoteConfig = { proxyEnv: {} }): Harness {
  const dir = given ?? mkdtempSync('/var/tmp/images-')
  mkdirSync(dir, { recursive: true })
  const db = new Database(join(dir, 'meta.db'))
  const content = new LocalContentStore(join(dir, 'content'))
  const snapshots = new OverlaySnapshotter(join(dir, 'snapshots'))
  const events: string[] = []
  const users = new Map<string, ImageUser[]>()
  const images = createImages({
    db,
    content,
    snapshots,
    remote: () => remote,
    log: silentLog,
    emit: ({ Action, Actor }) => events.push(`${Action} ${Actor?.Attributes?.name}`),
    usage: id => users.get(id) ?? [],
    platform: { os: 'linux', architecture: 'amd64' },
    retrySeconds: 0.05,
  })
  return {
    images,
    snapshots,
    dir,
    events,
    users,
    pull: async (fromImage, tag = 'latest') => {
      const messages: ProgressMessage[] = []
      await images.pull({ fromImage, tag }, message => messages.push(message))
      return messages
    },
    disk: () => ({
      blobs: readdirSync(join(dir, 'content/blobs/sha256')).length,
      layers: readdirSync(join(dir, 'snapshots')).filter(name => name.length === 24).length,
      unfinished:
        readdirSync(join(dir, 'content/ingest')).length +
        readdirSync(join(dir, 'snapshots')).filter(name => name.startsWith('tmp')).length,
    }),
    [Symbol.asyncDispose]: async () => {
      await snapshots[Symbol.asyncDispose]()
      db[Symbol.dispose]()
      if (given === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}
