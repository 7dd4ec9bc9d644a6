import { EngineError } from '../base/errors.ts'
import type { RuntimeUser } from '../spec/oci-runtime.ts'

export interface UserFiles {
  /** text of /etc/passwd and /etc/group inside the container */
  readonly passwd: string
  readonly group: string
}

export interface ResolvedUser extends RuntimeUser {
  readonly home: string
}

const maxId = 2 ** 31 - 1

const rows = (text: string): readonly (readonly string[])[] => text.split('\n').map(line => line.trim().split(':'))

/** @throws EngineError when it is a number that no kernel takes */
function asId(text: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const id = Number(text)
  return inRange(id)
}

function inRange(id: number): number {
  if (!(id >= 0 && id <= maxId)) throw new EngineError('internal', 'uids and gids must be in range 0-2147483647')
  return id
}

/** A field of a file that anybody may have written: what is no id must not pass for root. */
const idField = (text = ''): number => inRange(/^\d+$/.test(text) ? Number(text) : -1)

function findUser(name: string, passwd: string): { uid: number; gid: number; home: string; name: string } {
  const id = asId(name)
  const row = rows(passwd).find(
    fields => fields.length >= 4 && (fields[0] === name || (id !== undefined && fields[2] === name)),
  )
  if (row) return { name: row[0]!, uid: idField(row[2]), gid: idField(row[3]), home: row[5] ?? '' }
  if (id === undefined)
    throw new EngineError('internal', `unable to find user ${name}: no matching entries in passwd file`)
  return { name: '', uid: id, gid: 0, home: '/' }
}

function findGroup(name: string, group: string): number {
  const row = rows(group).find(fields => fields.length >= 3 && (fields[0] === name || fields[2] === name))
  const id = row ? idField(row[2]) : asId(name)
  if (id === undefined)
    throw new EngineError('internal', `unable to find group ${name}: no matching entries in group file`)
  return id
}

/**
 * Who `user` (`name|uid[:group|gid]`, empty for root) is inside the container, with the groups it belongs to.
 *
 * @throws EngineError `internal` with Docker's text when a name is unknown
 */
export function resolveUser(user: string, files: UserFiles, groupAdd: readonly string[] = []): ResolvedUser {
  const [name = '', groupName] = user.split(':')
  const found = findUser(name || '0', files.passwd)
  const gid = groupName ? findGroup(groupName, files.group) : found.gid
  const memberships = groupName
    ? []
    : rows(files.group)
        .filter(fields => fields.length >= 4 && found.name !== '' && fields[3]!.split(',').includes(found.name))
        .map(fields => idField(fields[2]))
  const added = groupAdd.map(group => findGroup(group, files.group))
  const additionalGids = [...new Set([gid, ...memberships, ...added])]
  return { uid: found.uid, gid, additionalGids, home: found.home }
}
