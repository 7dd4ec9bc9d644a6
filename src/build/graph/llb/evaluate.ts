import { EngineError } from '../../../base/errors.ts'
import type { Digest } from '../../../spec/digest.ts'
import type { LowLevelEdge, LowLevelGraph } from '../../../spec/engine-api/low-level.ts'
import { BaseImages } from '../base-images.ts'
import type { Request } from '../job.ts'
import type { Stack } from '../run-steps.ts'
import { execute } from './exec-op.ts'
import { changeFiles } from './file-op.ts'
import { emptyStack } from './layers.ts'
import { diff, merge } from './merge-op.ts'
import { readSource, type Sources } from './source-op.ts'

type Outputs = readonly (Stack | undefined)[]

/** Makes the files that a graph of low-level operations stands for, each operation once, independent ones at a time. */
export async function evaluate(request: Request, graph: LowLevelGraph): Promise<Stack> {
  const failed = new AbortController()
  const { signal: given } = request.options
  const signal = given ? AbortSignal.any([given, failed.signal]) : failed.signal
  const sources = { request, signal, images: new BaseImages(request, signal) }
  const known = new Map<Digest, Promise<Outputs>>()
  const outputsOf = (digest: Digest): Promise<Outputs> => {
    const found = known.get(digest) ?? perform(sources, graph, digest, stackOf)
    known.set(digest, found)
    found.catch(() => failed.abort())
    return found
  }
  const stackOf = async ({ digest, index }: LowLevelEdge): Promise<Stack> => {
    const stack = (await outputsOf(digest))[index]
    if (!stack)
      throw new EngineError(
        'not-implemented',
        `output ${index} of ${digest} is not supported: only root file systems are`,
      )
    return stack
  }
  try {
    return graph.result ? await stackOf(graph.result) : emptyStack
  } catch (error) {
    // what was cut off by a failure elsewhere is not what went wrong
    given?.throwIfAborted()
    const all = await Promise.allSettled(known.values())
    const first = all.find(each => each.status === 'rejected' && !isCut(each.reason))
    throw first?.status === 'rejected' ? first.reason : error
  } finally {
    await Promise.allSettled(known.values())
  }
}

const isCut = (error: unknown) => error instanceof Error && error.name === 'AbortError'

async function perform(
  sources: Sources,
  { ops }: LowLevelGraph,
  digest: Digest,
  stackOf: (edge: LowLevelEdge) => Promise<Stack>,
): Promise<Outputs> {
  const { op, name, ignoreCache } = ops.get(digest)!
  const inputs = await Promise.all(op.inputs.map(stackOf))
  const input = (index: number | undefined) =>
    index === undefined || index < 0 ? emptyStack : (inputs[index] ?? emptyStack)
  sources.signal.throwIfAborted()
  if (op.source) return [await readSource(sources, op.source, name, op.platform)]
  if (op.exec) return execute(sources, { exec: op.exec, inputs, name, ignoreCache })
  if (op.file) return changeFiles(sources, { actions: op.file.actions, inputs, name, ignoreCache })
  if (op.merge)
    return [
      await merge(
        sources,
        op.merge.inputs.map(each => input(each.input)),
      ),
    ]
  if (op.diff) return [await diff(sources, input(op.diff.lower?.input), input(op.diff.upper?.input))]
  throw new EngineError('not-implemented', 'low-level operations of this kind (nested builds) are not supported')
}
