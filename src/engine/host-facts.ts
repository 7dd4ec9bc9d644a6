import { readFileSync, statfsSync } from 'node:fs'
import { arch } from 'node:os'

export const goArch = { x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? arch()
export const unameArch = { x64: 'x86_64', arm64: 'aarch64' }[arch() as string] ?? arch()

/** Name and version of the distribution. Spec: https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
export function osRelease(): { readonly name: string; readonly version: string } {
  let text = ''
  try {
    text = readFileSync('/etc/os-release', 'utf8')
  } catch {} // a host without the file has no name
  const field = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1]
  return { name: field('PRETTY_NAME') ?? 'Linux', version: field('VERSION_ID') ?? '' }
}

/** Docker's names; the numbers are of https://man7.org/linux/man-pages/man2/statfs.2.html */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  4076150800: 'f2fs',
  26985: 'nfs',
  1702057286: 'fuse',
}

/** The kind of file system that `path` is on, as `docker info` calls it. */
export const fileSystemOf = (path: string): string => fileSystems[statfsSync(path).type] ?? '<unknown>'
