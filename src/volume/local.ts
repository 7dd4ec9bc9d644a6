import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDir } from '../base/atomic-file.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import { unmount } from '../kernel/mount.ts'
import { mountDevice } from './device.ts'
import type { DriverVolume, VolumeDriver, VolumeOptions } from './driver.ts'
import { checkOptions, isDevice, isMountedOnUse, ownerOf, sizeLimitOf } from './local-options.ts'
import { makeDisk, mountDisk } from './sized-disk.ts'
import { measure } from './usage.ts'

/** Volumes on this disk: `<dir>/<name>/_data`, or what is mounted there while somebody uses it. */
export class LocalDriver implements VolumeDriver {
  readonly name = 'local'
  readonly scope = 'local'
  readonly dir: string
  readonly #owner: { readonly uid: number; readonly gid: number }

  /** @param owner of directories that do not say whose they are */
  constructor(dir: string, owner = { uid: 0, gid: 0 }) {
    this.dir = dir
    this.#owner = owner
    mkdirSync(dir, { recursive: true, mode: 0o701 })
  }

  async create(name: string, options: VolumeOptions | null): Promise<void> {
    checkName(name)
    checkOptions(options ?? {})
    this.#make(name, options)
    const size = sizeLimitOf(options)
    try {
      if (size !== undefined) await makeDisk(this.#disk(name), size, ownerOf(options))
    } catch (error) {
      await this.remove(name)
      throw error
    }
    syncDir(join(this.dir, name))
    syncDir(this.dir)
  }

  async get(name: string): Promise<DriverVolume | undefined> {
    return { name, path: this.path(name) }
  }

  async mount(name: string, _id: string, options: VolumeOptions | null): Promise<string> {
    if (isMountedOnUse(options) && !this.isMounted(name)) await this.#mount(name, options!)
    return this.path(name)
  }

  async unmount(name: string, _id: string, isLast: boolean): Promise<void> {
    if (isLast) this.unmountNow(name)
  }

  path(name: string): string {
    return join(this.dir, name, '_data')
  }

  #disk(name: string): string {
    return join(this.dir, name, 'disk.img')
  }

  #make(name: string, options: VolumeOptions | null): void {
    const parent = join(this.dir, name)
    try {
      mkdirSync(this.path(name), { recursive: true })
    } catch (cause) {
      if (!hasCode(cause, 'ENAMETOOLONG')) throw cause
      const text = `error while creating volume root path '${parent}': mkdir ${parent}: file name too long`
      throw new EngineError('internal', text, { cause })
    }
    chmodSync(parent, 0o701)
    const { uid = this.#owner.uid, gid = this.#owner.gid, mode = 0o755 } = ownerOf(options)
    chownSync(this.path(name), uid, gid)
    chmodSync(this.path(name), mode)
  }

  /** Bytes that the volume takes of this disk; undefined where it is not on it. */
  async usage(name: string, options: VolumeOptions | null): Promise<number | undefined> {
    if (isDevice(options)) return undefined
    if (!isMountedOnUse(options)) return measure(this.path(name))
    return (statSync(this.#disk(name), { throwIfNoEntry: false })?.blocks ?? 0) * 512
  }

  /** After this the name is free, though files may go in the background. */
  async remove(name: string): Promise<void> {
    this.unmountNow(name)
    const grave = join(this.dir, `.removed-${name}-${process.hrtime.bigint()}`)
    try {
      renameSync(join(this.dir, name), grave)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return
      throw error
    }
    syncDir(this.dir)
    void rm(grave, { recursive: true, force: true }).catch(() => {}) // the next start tries again
  }

  /** Finishes removals and copies that a crash cut off. */
  tidy(): void {
    for (const name of readdirSync(this.dir)) {
      if (name.startsWith('.removed-')) rmSync(join(this.dir, name), { recursive: true, force: true })
      else this.#tidyOne(this.path(name))
    }
  }

  #tidyOne(path: string): void {
    // between the two renames of an import
    if (existsSync(`${path}.old`) && !existsSync(path)) renameSync(`${path}.old`, path)
    for (const ending of ['filling', 'old']) rmSync(`${path}.${ending}`, { recursive: true, force: true })
  }

  /** After a crash in the middle the next start calls this again. */
  move(from: string, to: string): void {
    if (!existsSync(join(this.dir, from))) return
    renameSync(join(this.dir, from), join(this.dir, to))
    syncDir(this.dir)
  }

  async #mount(name: string, options: VolumeOptions): Promise<void> {
    const target = this.path(name)
    if (!existsSync(target)) mkdirSync(target, { recursive: true })
    if (!isDevice(options)) return mountDisk(this.#disk(name), target)
    await mountDevice(options, target)
  }

  unmountNow(name: string): void {
    if (this.isMounted(name)) unmount(this.path(name), true)
  }

  isMounted(name: string): boolean {
    const path = this.path(name).replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some(line => line.split(' ')[4] === path)
  }
}

/** @throws EngineError `invalid`, Docker's texts */
export function checkName(name: string): void {
  if (name.length < 2)
    throw new EngineError('invalid', 'volume name is too short, names should be at least two alphanumeric characters')
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    const why = `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed`
    throw new EngineError('invalid', `${why}. If you intended to pass a host directory, use absolute path`)
  }
}
