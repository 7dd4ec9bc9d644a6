import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../base/errors.ts'
import type { DiskOwner } from '../spec/engine-api/engine.ts'

/** Who owns a member of a directory; undefined is nobody. */
type OwnerOf = (name: string) => string | undefined

/** What the engine knows to be its own, by directory below its root. */
export interface Ownership {
  readonly root: string
  readonly isBlob: (hex: string) => boolean
  readonly isLayer: (name: string) => boolean
  readonly isContainer: (id: string) => boolean
  readonly isVolume: (name: string) => boolean
}

const named =
  (owners: Readonly<Record<string, string>>): OwnerOf =>
  name =>
    owners[name]
const when =
  (isOwn: (name: string) => boolean, owner: string): OwnerOf =>
  name =>
    isOwn(name) ? owner : undefined
/** What a process that lives is working on. */
const inFlight = new RegExp(`^(tmp-)?${process.pid}-\\d+$`)

function levels({ isBlob, isLayer, isContainer, isVolume }: Ownership): Readonly<Record<string, OwnerOf>> {
  const isSupport = (name: string) => ['empty', 'empty-2', 'init'].includes(name)
  const top = named({ build: 'build cache', networks: 'engine', registry: 'registry', 'engine-id': 'engine' })
  return {
    '': name => top(name) ?? (/^meta\.db/.test(name) ? 'engine' : undefined),
    content: () => undefined,
    'content/blobs': () => undefined,
    'content/blobs/sha256': when(isBlob, 'blobs'),
    'content/ingest': when(name => inFlight.test(name), 'blobs'),
    snapshots: when(name => isSupport(name) || isLayer(name) || inFlight.test(name), 'layers'),
    containers: when(isContainer, 'containers'),
    volumes: when(name => isVolume(name.replace(/\.filling$/, '')), 'volumes'),
  }
}

/** Every byte below the root, as du counts them: the sum of all is what `du` says. */
export async function diskOwners(ownership: Ownership): Promise<readonly DiskOwner[]> {
  const rules = levels(ownership)
  const sizes = new Map<string, number>()
  const strays: string[] = []
  const seen = new Set<string>()
  const add = (owner: string, size: number) => sizes.set(owner, (sizes.get(owner) ?? 0) + size)
  const visit = async (path: string): Promise<void> => {
    const full = join(ownership.root, path)
    add('engine', await ownSize(full, seen))
    for (const name of await names(full)) {
      const at = path ? `${path}/${name}` : name
      if (at in rules) await visit(at)
      else {
        const owner = rules[path]!(name)
        if (!owner) strays.push(at)
        add(owner ?? 'nobody', await treeSize(join(full, name), seen))
      }
    }
  }
  await visit('')
  return [...sizes].map(([name, size]) => ({ name, size, ...(name === 'nobody' ? { paths: strays } : {}) }))
}

async function ownSize(path: string, seen: Set<string>): Promise<number> {
  const stat = await lstat(path).catch(ignoreGone)
  if (!stat) return 0
  const key = `${stat.dev} ${stat.ino}`
  if (stat.nlink > 1 && !stat.isDirectory() && seen.has(key)) return 0
  if (stat.nlink > 1) seen.add(key)
  return stat.blocks * 512
}

async function treeSize(path: string, seen: Set<string>): Promise<number> {
  let total = await ownSize(path, seen)
  const entries = await readdir(path, { withFileTypes: true }).catch(ignoreGone)
  for (const entry of entries ?? []) {
    const full = join(path, entry.name)
    total += entry.isDirectory() ? await treeSize(full, seen) : await ownSize(full, seen)
  }
  return total
}

const names = async (path: string): Promise<readonly string[]> => (await readdir(path).catch(ignoreGone)) ?? []

function ignoreGone(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
}
