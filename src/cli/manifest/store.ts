import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatReference, type Reference } from '../../spec/reference.ts'
import type { Config } from '../config.ts'
import type { ImageManifest } from './image.ts'

/** A name as a file name, the way Docker makes one. */
const fileName = (reference: Reference): string => formatReference(reference).replaceAll(':', '-').replaceAll('/', '_')

/** Manifest lists in the making, one folder each with a file for every member. */
export class ManifestStore {
  readonly #root: string

  constructor(config: Config) {
    this.#root = join(config.dir, 'manifests')
  }

  #dir(list: Reference): string {
    return join(this.#root, fileName(list))
  }

  has(list: Reference): boolean {
    return existsSync(this.#dir(list))
  }

  get(list: Reference, member: Reference): ImageManifest | undefined {
    const path = join(this.#dir(list), fileName(member))
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ImageManifest) : undefined
  }

  list(list: Reference): readonly ImageManifest[] {
    const dir = this.#dir(list)
    if (!existsSync(dir)) return []
    return readdirSync(dir)
      .sort()
      .map(file => JSON.parse(readFileSync(join(dir, file), 'utf8')) as ImageManifest)
  }

  save(list: Reference, member: Reference, image: ImageManifest): void {
    mkdirSync(this.#dir(list), { recursive: true, mode: 0o755 })
    writeFileSync(join(this.#dir(list), fileName(member)), JSON.stringify(image), { mode: 0o644 })
  }

  remove(list: Reference): void {
    rmSync(this.#dir(list), { recursive: true, force: true })
  }
}
