import { EngineError } from '../../base/errors.ts'
import { type Digest, digestOf } from '../../spec/digest.ts'
import type { BlobPlace } from '../../spec/engine-api/solver.ts'

/** Manifests and configurations are text: more than this is not what it says it is. */
const textLimit = 16 << 20

/** The whole of a small blob, verified. */
export async function readText(place: BlobPlace, digest: Digest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of (await place.open(digest)) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > textLimit) throw new EngineError('invalid', `${digest} is too large for a manifest`)
  }
  const bytes = Buffer.concat(chunks)
  if (digestOf(bytes) !== digest) throw new EngineError('invalid', `${digest} holds other bytes`)
  return bytes
}
