import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import koffi from 'koffi'
import { ignoring } from '../base/errors.ts'
import { majorOf, makeNode, minorOf } from './file-metadata.ts'
import { bind, check, KernelError } from './libc.ts'

const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)')
const quotactl = bind('int quotactl(int command, const char *device, uint32_t id, void *argument)')

const FS_IOC_FSGETXATTR = 0x801c581f
const FS_IOC_FSSETXATTR = 0x401c5820
/** new files below belong to the same project */
const FS_XFLAG_PROJINHERIT = 0x200

const projects = 2
const forProjects = (verb: number): number => (((0x58 << 8) | verb) << 8) | projects
const [Q_XGETQUOTA, Q_XSETQLIM, Q_XGETQSTAT] = [3, 4, 5].map(forProjects) as [number, number, number]
/** counted and held to */
const enforced = 0x10 | 0x20
const hardAndSoftBlocks = 0x08 | 0x04
const blockBytes = 512n

const withDirectory = <T>(path: string, use: (fd: number) => T): T => {
  const fd = openSync(path, 'r')
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function readAttributes(fd: number, path: string): Buffer {
  const attributes = Buffer.alloc(28)
  check(ioctl(fd, FS_IOC_FSGETXATTR, attributes), 'ioctl', `FSGETXATTR ${path}`)
  return attributes
}

/** The project that the directory belongs to; 0 is none, also of a directory that is not there. */
export const projectOf = (path: string): number =>
  ignoring(['ENOENT'], () => withDirectory(path, fd => readAttributes(fd, path).readUInt32LE(12))) ?? 0

/** Puts an empty directory, and all that is ever made in it, into a project. */
export function joinProject(path: string, project: number): void {
  withDirectory(path, fd => {
    const attributes = readAttributes(fd, path)
    attributes.writeUInt32LE((attributes.readUInt32LE(0) | FS_XFLAG_PROJINHERIT) >>> 0, 0)
    attributes.writeUInt32LE(project, 12)
    check(ioctl(fd, FS_IOC_FSSETXATTR, attributes), 'ioctl', `FSSETXATTR ${path}`)
  })
}

/**
 * Limits of projects on one file system, XFS or ext4, that was mounted with them (`pquota`, `prjquota`).
 * Both take the calls that came with XFS: https://man7.org/linux/man-pages/man2/quotactl.2.html
 */
export class ProjectQuota {
  readonly #device: string

  /** @param device a node of the file system's block device */
  private constructor(device: string) {
    this.#device = device
  }

  /**
   * Undefined where the file system of `device`'s directory holds nobody to such limits.
   *
   * @param device where the node may be made: quotactl(2) wants one, and /dev may have none
   */
  static open(device: string): ProjectQuota | undefined {
    const state = Buffer.alloc(80)
    rmSync(device, { force: true })
    mkdirSync(dirname(device), { recursive: true })
    try {
      const { dev } = statSync(dirname(device))
      makeNode(device, 'block', 0o600, majorOf(dev), minorOf(dev))
      check(quotactl(Q_XGETQSTAT, device, 0, state), 'quotactl')
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      rmSync(device, { force: true })
      return undefined
    }
    return (state.readUInt16LE(2) & enforced) === enforced ? new ProjectQuota(device) : undefined
  }

  /** Whether nobody uses the number: no file belongs to it and no limit is set. */
  isFree(project: number): boolean {
    const quota = Buffer.alloc(112)
    if (quotactl(Q_XGETQUOTA, this.#device, project, quota) < 0) {
      const error = new KernelError(koffi.errno(), 'quotactl', `Q_XGETQUOTA ${project}`)
      if (error.code === 'ENOENT' || error.code === 'ESRCH') return true
      throw error
    }
    const [hard, soft, blocks, inodes] = [8, 16, 40, 48].map(offset => quota.readBigUInt64LE(offset))
    return hard === 0n && soft === 0n && blocks === 0n && inodes === 0n
  }

  /** Limits what all files of the project take; 0 bytes is no limit. */
  limit(project: number, bytes: number): void {
    const quota = Buffer.alloc(112)
    quota.writeInt8(1, 0)
    quota.writeInt8(2, 1)
    quota.writeUInt16LE(hardAndSoftBlocks, 2)
    quota.writeUInt32LE(project, 4)
    quota.writeBigUInt64LE(BigInt(bytes) / blockBytes, 8)
    quota.writeBigUInt64LE(BigInt(bytes) / blockBytes, 16)
    check(quotactl(Q_XSETQLIM, this.#device, project, quota), 'quotactl', `Q_XSETQLIM ${project}`)
  }
}
