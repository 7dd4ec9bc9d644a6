import { EngineError } from '../base/errors.ts'
import { type Action, allActions, type Grant, grants, type Identity } from './identity.ts'

/** Some users may do something in some repositories. */
export interface Rule extends Grant {
  /** names; `*` is every user with a name, `anonymous` everybody */
  readonly users: readonly string[]
}

/** Whether `identity` may do `action`; without rules users do everything, and everybody pulls if `anonymousRead`. */
export type Decide = (identity: Identity, repository: string, action: Action) => boolean

export function toDecision(rules: readonly Rule[] | undefined, anonymousRead: boolean): Decide {
  return (identity, repository, action) => {
    if (identity.grants) return grants(identity.grants, repository, action)
    if (anonymousRead && action === 'pull') return true
    if (!rules) return identity.name !== undefined
    return grants(
      rules.filter(({ users }) => users.some(user => isMeant(user, identity))),
      repository,
      action,
    )
  }
}

const isMeant = (user: string, { name }: Identity): boolean =>
  user === 'anonymous' || (name !== undefined && (user === '*' || user === name))

/** @throws EngineError `invalid` */
export function checkGrant(value: unknown, setting: string): Grant {
  const { repositories, actions } = (value ?? {}) as Partial<Grant>
  if (typeof repositories !== 'string' || repositories === '')
    throw new EngineError('invalid', `setting "${setting}": each entry needs "repositories"`)
  if (!Array.isArray(actions) || !actions.every(action => allActions.includes(action)))
    throw new EngineError('invalid', `setting "${setting}": "actions" are among ${allActions.join(', ')}`)
  return { repositories, actions }
}

/** @throws EngineError `invalid` */
export function checkRules(value: readonly unknown[], setting = 'rules'): readonly Rule[] {
  return value.map(each => {
    const { users } = (each ?? {}) as Partial<Rule>
    if (!Array.isArray(users) || !users.every(user => typeof user === 'string'))
      throw new EngineError('invalid', `setting "${setting}": each entry needs "users"`)
    return { ...checkGrant(each, setting), users }
  })
}
