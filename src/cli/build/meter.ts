import { Transform } from 'node:stream'
import { formatSize } from '../../base/size.ts'
import type { Output } from '../output.ts'

const title = 'Sending build context to Docker daemon'

/** Passes a context on and says how much it was: all the time on a terminal, at the end elsewhere. */
export function contextMeter(out: Pick<Output, 'isTerminal' | 'write'>): Transform {
  let bytes = 0
  let drawn = 0
  const draw = () => out.write(`${title} ${formatSize(bytes).padStart(8)}\r`)
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length
      const now = Date.now()
      if (out.isTerminal && now - drawn > 100) {
        drawn = now
        draw()
      }
      done(null, chunk)
    },
    flush(done) {
      draw()
      out.write('\r\n')
      done()
    },
  })
}
