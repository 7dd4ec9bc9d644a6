import { EngineError } from '../../base/errors.ts'
import { type Digest, digestOf, isDigest } from '../../spec/digest.ts'
import { type LowLevelEdge, type LowLevelGraph, resultScheme } from '../../spec/engine-api/low-level.ts'
import type { DecodedOf, EncodableOf } from './wire/message.ts'
import { op } from './wire/ops.ts'
import type { definition } from './wire/pb.ts'

type Definition = DecodedOf<typeof definition>

function toEdge({ digest, index }: { readonly digest: string; readonly index: number }): LowLevelEdge {
  if (!isDigest(digest)) throw new EngineError('invalid', `invalid input digest ${JSON.stringify(digest)}`)
  return { digest, index }
}

/** @throws EngineError `invalid` for what is no definition, or names inputs that are not in it */
export function toGraph({ def, metadata }: Definition): LowLevelGraph {
  const ops = new Map<Digest, NonNullable<ReturnType<LowLevelGraph['ops']['get']>>>()
  let last: readonly LowLevelEdge[] = []
  for (const bytes of def) {
    const digest = digestOf(bytes)
    const decoded = decode(bytes)
    const inputs = decoded.inputs.map(toEdge)
    for (const each of inputs)
      if (!ops.has(each.digest)) throw new EngineError('invalid', `invalid missing input digest ${each.digest}`)
    const about = metadata[digest]
    const name = about?.description['llb.customname']
    ops.set(digest, { op: { ...decoded, inputs }, name, ignoreCache: about?.ignoreCache ?? false })
    last = inputs
  }
  return { ops, result: last[0] }
}

function decode(bytes: Uint8Array) {
  try {
    return op.decode(bytes)
  } catch (error) {
    throw new EngineError('invalid', `failed to parse llb proto op`, { cause: error })
  }
}

/** A result of ours as a definition, which a client gives back where another build is to start from it. */
export function definitionOf(resultId: string): EncodableOf<typeof definition> {
  const source = op.encode({ source: { identifier: `${resultScheme}${resultId}` } })
  const digest = digestOf(source)
  // clients take a definition without metadata for none at all
  const metadata = { [digest]: { description: { 'llb.customname': 'result of another build' } } }
  return { def: [source, op.encode({ inputs: [{ digest }] })], metadata }
}

export const inputsOf = (
  definitions: Readonly<Record<string, Definition | undefined>>,
): ReadonlyMap<string, LowLevelGraph> =>
  new Map(Object.entries(definitions).flatMap(([name, each]) => (each ? [[name, toGraph(each)] as const] : [])))
