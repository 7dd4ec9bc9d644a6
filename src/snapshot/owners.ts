import { EngineError } from '../base/errors.ts'
import type { IdRange } from '../spec/id-ranges.ts'

/** what nobody in a user namespace has a name for */
const overflowId = 65534

/** @throws EngineError `invalid` when the namespace has no such id */
export function toOutside(ranges: readonly IdRange[], id: number): number {
  const range = ranges.find(({ inside, count }) => id >= inside && id < inside + count)
  if (!range) throw new EngineError('invalid', `Container ID ${id} cannot be mapped to a host ID`)
  return range.outside + id - range.inside
}

/** The id as the namespace shows it. */
export function toInside(ranges: readonly IdRange[], id: number): number {
  const range = ranges.find(({ outside, count }) => id >= outside && id < outside + count)
  return range ? range.inside + id - range.outside : overflowId
}
