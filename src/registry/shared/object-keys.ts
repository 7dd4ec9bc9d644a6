// `index/<repository>@/<table>/<rest>`: no name of a repository has an `@`, so that of `a` is no beginning of that of `a/b`.

export const indexPrefix = 'index/'

/** Below it lie all records of a repository. */
export const prefixOf = (repository: string): string => `${indexPrefix}${repository}@/`

/** A record's key, `<repository>@<rest>`, as that of its object. */
export function toObjectKey(table: string, key: string): string {
  const at = key.indexOf('@')
  return `${prefixOf(key.slice(0, at))}${table}/${encodeURIComponent(key.slice(at + 1))}`
}

/** The reverse of `toObjectKey`. */
export function parseKey(object: string): { readonly table: string; readonly key: string } {
  const [, repository = '', table = '', rest = ''] = /^index\/(.+)@\/(\w+)\/(.+)$/.exec(object) ?? []
  return { table, key: `${repository}@${decodeURIComponent(rest)}` }
}

/** Empty for the prefix of all. */
export const repositoryOf = (object: string): string =>
  object.slice(indexPrefix.length, Math.max(indexPrefix.length, object.indexOf('@/')))
