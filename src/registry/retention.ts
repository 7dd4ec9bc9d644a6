import { matchesName } from './identity.ts'
import type { Context } from './request.ts'

export interface Retention {
  readonly repositories: string
  /** the newest so many tags stay */
  readonly keepTags?: number | undefined
  /** tags pushed within so many days stay */
  readonly keepDays?: number | undefined
  /** regular expression; tags that match as a whole stay */
  readonly except?: string | undefined
}

const dayMillis = 24 * 3600_000

/** The first rule whose pattern fits. */
export const retentionOf = (rules: readonly Retention[], repository: string): Retention | undefined =>
  rules.find(({ repositories }) => matchesName(repositories, repository))

/** Tags that a rule lets go: those that none of its reasons keeps. */
export function expiredTags(
  rule: Retention,
  tags: ReadonlyMap<string, number>,
  now: number,
  isFixed: (tag: string) => boolean,
): readonly string[] {
  const except = rule.except === undefined ? undefined : new RegExp(`^(?:${rule.except})$`)
  const candidates = [...tags].filter(([tag]) => !isFixed(tag) && !except?.test(tag))
  const newestFirst = candidates.toSorted(([a, at], [b, bt]) => bt - at || (a < b ? 1 : -1))
  const { keepTags = 0, keepDays } = rule
  const oldest = keepDays === undefined ? Number.POSITIVE_INFINITY : now - keepDays * dayMillis
  return newestFirst.slice(keepTags).flatMap(([tag, pushedAt]) => (pushedAt < oldest ? [tag] : []))
}

/** Takes tags away by the rules; their manifests go by collection. Returns how many. */
export async function applyRetention(context: Context, rules: readonly Retention[]): Promise<number> {
  let count = 0
  for (const name of context.repositories.names()) {
    const rule = retentionOf(rules, name)
    if (rule && findExpired(context, rule, name).length > 0) count += await removeExpired(context, rule, name)
  }
  return count
}

const findExpired = ({ isFixedTag, now, repositories }: Context, rule: Retention, name: string) =>
  expiredTags(rule, repositories.pushTimes(name), now(), isFixedTag)

async function removeExpired(context: Context, rule: Retention, name: string): Promise<number> {
  const remove = () => {
    const expired = findExpired(context, rule, name)
    for (const tag of expired) context.repositories.untag(name, tag)
    return expired.length
  }
  return context.shared ? context.shared.tidy(name, remove) : remove()
}
