import { EngineError } from '../base/errors.ts'
import { formatFamiliar, formatReference, parseReference, withDefaultTag } from '../spec/reference.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'

/** A name that pointed elsewhere moves silently. */
export function tagImage(
  deps: VerbDeps,
  name: string,
  repo: string,
  tag: string,
  index = deps.store.indexOf(name),
): void {
  const { tag: _old, ...bare } = parseReference(repo)
  if (bare.digest) throw new EngineError('invalid', 'cannot import digest reference')
  if (tag && !/^\w[\w.-]{0,127}$/.test(tag)) throw new EngineError('invalid', 'invalid tag format')
  const text = tag ? `${bare.domain}/${bare.path}:${tag}` : repo
  const reference = withDefaultTag(parseReference(text))
  const record = deps.store.find(name)
  deps.store.save(record, [formatReference(reference)], index)
  deps.emit(imageEvent('tag', record.id, formatFamiliar(reference), record))
}
