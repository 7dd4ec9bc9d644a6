/** The registry of a search term, `docker.io` unless it begins with a host. */
export function splitRegistry(term: string): string {
  const slash = term.indexOf('/')
  const first = slash < 0 ? '' : term.slice(0, slash)
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io'
}
