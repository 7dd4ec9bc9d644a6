import { readFileSync, statSync } from 'node:fs'
import { EngineError, hasCode } from '../../base/errors.ts'
import type { MountedTree } from '../../snapshot/mounted-tree.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** `user[:group]`, names looked up in the image; without a group its number is the user's. */
export function parseOwner(text: string, tree: MountedTree): Owner {
  const [user = '', group = user, ...more] = text.split(':')
  const fail = (why: string) =>
    new EngineError('invalid', `unable to convert uid/gid chown string to host mapping: ${why}`)
  if (more.length > 0) throw fail(`invalid chown string: ${text}`)
  const uid = idOf(user) ?? lookUp(tree, '/etc/passwd', user)
  if (uid === undefined) throw fail(`can't find uid for user ${user}: no such user: ${user}`)
  const gid = idOf(group) ?? lookUp(tree, '/etc/group', group)
  if (gid === undefined) throw fail(`can't find gid for group ${group}: no such group: ${group}`)
  return { uid, gid }
}

const idOf = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined)

function lookUp(tree: MountedTree, file: string, name: string): number | undefined {
  const rows = textOf(tree, file).split('\n')
  const row = rows.map(line => line.split(':')).find(fields => fields.length >= 3 && fields[0] === name)
  return row && idOf(row[2]!)
}

function textOf(tree: MountedTree, file: string): string {
  try {
    const path = tree.locate(file)
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : ''
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return ''
    throw error
  }
}
