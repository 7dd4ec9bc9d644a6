import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBeneath } from '../kernel/mount.ts'
import { mount, mountFlags } from '../kernel/private-mounts.ts'
import type { Place } from '../spec/mount.ts'

/** Opens `subpath` below what is mounted at `root` and mounts just that at `target`; no link of it leads out. */
function narrow(root: string, subpath: string, target: string): void {
  const above = openSync(root, 'r')
  const found = openBeneath(above, subpath)
  try {
    if (fstatSync(found).isDirectory()) mkdirSync(target, { recursive: true })
    else writeFileSync(target, '')
    mount(`/proc/self/fd/${found}`, target, '', mountFlags.bind | mountFlags.recursive)
  } finally {
    closeSync(found)
    closeSync(above)
  }
}

/** Mounts what a container's configuration names in its bundle; to be called among private mounts. */
export function mountPlaces(
  places: readonly Place[],
  bundle: string,
  mountAll: (place: Place, target: string) => void,
): void {
  for (const place of places) {
    const target = join(bundle, place.name)
    const whole = place.subpath ? `${target}.whole` : target
    if (place.idMap && !statSync(place.mounts[0]!.source).isDirectory()) writeFileSync(whole, '')
    else mkdirSync(whole, { recursive: true })
    mountAll(place, whole)
    if (place.subpath) narrow(whole, place.subpath, target)
  }
}
