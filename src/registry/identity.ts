export type Action = 'pull' | 'push' | 'delete'

export const allActions: readonly Action[] = ['pull', 'push', 'delete']

/** What may be done in the repositories that a pattern names. */
export interface Grant {
  /** repository name; `*` stands for a part of one component, `**` for anything */
  readonly repositories: string
  readonly actions: readonly Action[]
}

/** Who asks. */
export interface Identity {
  /** undefined: nobody in particular */
  readonly name: string | undefined
  /** what a token or robot is limited to; undefined: the rules decide */
  readonly grants?: readonly Grant[] | undefined
}

export const nobody: Identity = { name: undefined }

const patterns = new Map<string, RegExp>()

/** Whether the pattern names the repository. */
export function matchesName(pattern: string, repository: string): boolean {
  const known = patterns.get(pattern)
  if (known) return known.test(repository)
  const parts = pattern.split(/(\*\*|\*)/).map(part => {
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  const made = new RegExp(`^${parts.join('')}$`)
  if (patterns.size < 10_000) patterns.set(pattern, made)
  return made.test(repository)
}

export const grants = (list: readonly Grant[], repository: string, action: Action): boolean =>
  list.some(({ repositories, actions }) => actions.includes(action) && matchesName(repositories, repository))
