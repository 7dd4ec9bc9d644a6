import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface DebianTree {
  readonly path: string
  /** Why there can be none; false when there can. */
  readonly lacks: string | false
  /** Makes it when it is not there yet; it takes a while. Of several who ask at a time, one makes it. */
  make(): void
}

/** A tree of Debian with `packages`, kept for the next run. */
export function debianTree(path: string, packages: readonly string[] = []): DebianTree {
  const isThere = () => existsSync(join(path, 'usr'))
  const canMake = process.getuid?.() === 0 && spawnSync('sh', ['-c', 'command -v debootstrap']).status === 0
  return { path, lacks: isThere() || canMake ? false : 'no Debian tree, no debootstrap', make }

  function make(): void {
    if (isThere()) return
    const fresh = `${path}.${process.pid}`
    const include = packages.length > 0 ? `--include=${packages.join(',')}` : ''
    const script = `[ ! -d ${path}/usr ] || exit 0
      debootstrap --variant=minbase ${include} bookworm ${fresh}
      rm -rf ${fresh}/var/cache/apt/archives
      mv -T ${fresh} ${path}`
    execFileSync('flock', [`${path}.lock`, 'sh', '-ec', script], { stdio: 'ignore', timeout: 900_000 })
  }
}

export const minimalTree = debianTree(process.env.BERTH_DEBIAN ?? '/var/cache/berth-debian')

/** With services and a firewall. */
export const servicesTree = debianTree(process.env.BERTH_DEBIAN_SERVICES ?? '/var/cache/berth-debian-services', [
  'redis-server',
  'nginx-light',
  'curl',
  'ufw',
  'iptables',
  'iproute2',
])
