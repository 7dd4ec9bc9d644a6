import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode, messageOf } from '../base/errors.ts'
import type { IdRange, IdRanges } from '../spec/id-ranges.ts'
import { ConfigError } from './config.ts'

const defaultUser = 'dockremap'
const firstFreeId = 100_000
const idsPerUser = 65_536

const linesOf = (path: string): readonly (readonly string[])[] => {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return lines.filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(':'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Row of /etc/passwd or /etc/group, by name or number. */
const find = (path: string, key: string) => linesOf(path).find(([name, , id]) => name === key || id === key)

/** The ranges that /etc/subuid or /etc/subgid gives to a user, one behind the other from 0 on. */
export function toRanges(rows: readonly (readonly string[])[], name: string, uid: string): readonly IdRange[] {
  const own = rows.filter(([owner]) => owner === name || owner === uid)
  const byStart = own.map(([, start, count]) => ({ outside: Number(start), count: Number(count) }))
  let inside = 0
  return byStart
    .toSorted((a, b) => a.outside - b.outside)
    .map(({ outside, count }) => {
      const range = { inside, outside, count }
      inside += count
      return range
    })
}

/** Docker's own user for this, made with ranges behind all others where they are missing. */
function makeDefaultUser(): void {
  if (!find('/etc/passwd', defaultUser)) execFileSync('useradd', ['-r', '-s', '/bin/false', '-U', defaultUser])
  for (const path of ['/etc/subuid', '/etc/subgid']) {
    const rows = linesOf(path)
    if (rows.some(([owner]) => owner === defaultUser)) continue
    const ends = rows.map(([, start, count]) => Number(start) + Number(count))
    appendFileSync(path, `${defaultUser}:${Math.max(firstFreeId, ...ends)}:${idsPerUser}\n`)
  }
}

function unknown(what: string, key: string, file: string): ConfigError {
  const cause = `getent unable to find entry "${key}" in ${file} database`
  const isNumber = what === 'Uid' || what === 'Gid'
  return new ConfigError(
    isNumber
      ? `${what} ${key} has no entry in /etc/${file}: ${cause}`
      : `Error during ${what} lookup for "${key}": ${cause}`,
  )
}

/**
 * What `--userns-remap` (`default`, or a user with or without a group, by name or number) gives containers.
 * Spec: https://docs.docker.com/engine/security/userns-remap/
 *
 * @throws ConfigError with Docker's text
 */
export function findRemap(setting: string): IdRanges | undefined {
  if (setting === '') return undefined
  const parts = setting.split(':')
  if (parts.length > 2)
    throw new ConfigError(`Invalid user/group specification in --userns-remap: ${JSON.stringify(setting)}`)
  try {
    if (parts[0] === 'default') makeDefaultUser()
  } catch (error) {
    throw new ConfigError(`error during "${defaultUser}" user creation: ${messageOf(error)}`)
  }
  const key = parts[0] === 'default' ? defaultUser : parts[0]!
  const user = find('/etc/passwd', key)
  if (!user) throw unknown(/^\d+$/.test(key) ? 'Uid' : 'uid', key, 'passwd')
  const group = parts[1]
  if (group && !find('/etc/group', group)) throw unknown(/^\d+$/.test(group) ? 'Gid' : 'groupname', group, 'group')
  const [name, , uid] = user as [string, string, string]
  const uids = toRanges(linesOf('/etc/subuid'), name, uid)
  const gids = toRanges(linesOf('/etc/subgid'), name, uid)
  if (uids.length === 0) throw new ConfigError(`Can't create ID mappings: no subuid ranges found for user "${name}"`)
  if (gids.length === 0) throw new ConfigError(`Can't create ID mappings: no subgid ranges found for user "${name}"`)
  return { uids, gids }
}

const othersMayPass = 0o001

/**
 * Root of containers must come to their files, and to ours on the way.
 *
 * @throws ConfigError with Docker's text
 */
export function checkAccess(path: string, { uids, gids }: IdRanges): void {
  const [uid, gid] = [uids[0]!.outside, gids[0]!.outside]
  for (let at = path; at !== '/'; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false })
    if (!stat) continue
    const bit = stat.uid === uid ? othersMayPass << 6 : stat.gid === gid ? othersMayPass << 3 : othersMayPass
    if ((stat.mode & bit) === 0)
      throw new ConfigError(
        `a subdirectory in your graphroot path (${path}) restricts access to the remapped root uid/gid; please fix by allowing 'o+x' permissions on existing directories`,
      )
  }
}
