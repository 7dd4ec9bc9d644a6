import type { ContainerStore } from '../container/store.ts'
import type { Images } from '../image/images.ts'
import type { VolumeVerbs } from '../spec/engine-api/engine.ts'
import type { Ownership } from './disk-owners.ts'

interface Owners {
  readonly store: Pick<ContainerStore, 'get'>
  readonly volumes: Pick<VolumeVerbs, 'list'>
  readonly images: Pick<Images, 'usedBlobs'>
  /** directories of layers */
  readonly layers: ReadonlySet<string>
}

/** What is on the disk because a record says so. */
export async function ownershipOf(root: string, { store, volumes, images, layers }: Owners): Promise<Ownership> {
  const known = (await volumes.list(new Map())).Volumes ?? []
  const names = new Set(known.map(({ Name }) => Name))
  const blobs = images.usedBlobs()
  return {
    root,
    isBlob: hex => blobs.has(`sha256:${hex}`),
    isLayer: name => layers.has(name),
    isContainer: id => store.get(id) !== undefined,
    isVolume: name => names.has(name),
  }
}
