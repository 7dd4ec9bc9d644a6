type OnFrame = (payload: Buffer, output: 'stdout' | 'stderr') => void

/** Takes stdcopy frames in pieces of any length, and gives what they hold as soon as it is there, cut or whole. */
export class FrameSplitter {
  readonly #onFrame: OnFrame
  #head: Buffer = Buffer.alloc(0)
  #output: 'stdout' | 'stderr' = 'stdout'
  /** bytes of the frame that are still to come */
  #left = 0

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  push(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#left === 0) rest = this.#readHead(rest)
      const payload = rest.subarray(0, this.#left)
      if (payload.length > 0) this.#onFrame(payload, this.#output)
      this.#left -= payload.length
      rest = rest.subarray(payload.length)
    }
  }

  /** Returns what is behind the header, or nothing while it is incomplete. */
  #readHead(chunk: Buffer): Buffer {
    const head = this.#head.length ? Buffer.concat([this.#head, chunk]) : chunk
    this.#head = head.length < 8 ? head : Buffer.alloc(0)
    if (head.length < 8) return Buffer.alloc(0)
    this.#output = head[0] === 2 ? 'stderr' : 'stdout'
    this.#left = head.readUInt32BE(4)
    return head.subarray(8)
  }
}
