import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A tree of Debian with services and a firewall, made once. */
export const tree = process.env.BERTH_DEBIAN_SERVICES ?? '/var/cache/berth-debian-services'
const isThere = existsSync(join(tree, 'usr/sbin/ufw')) && existsSync(join(tree, 'usr/sbin/nginx'))
const canMake = spawnSync('debootstrap', ['--version']).status === 0

/** Why there can be none; false when there can. */
export const noTree = isThere || canMake ? false : 'no tree of Debian, no debootstrap'

export function makeTree(): void {
  if (existsSync(join(tree, 'usr/sbin/ufw'))) return
  const packages = '--include=redis-server,nginx-light,curl,ufw,iptables,iproute2'
  execFileSync('debootstrap', ['--variant=minbase', packages, 'bookworm', tree], { stdio: 'ignore' })
}
