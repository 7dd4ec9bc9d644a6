import type { OnProgress, ProgressMessage } from '../../spec/engine-api/engine.ts'

/** BuildKit clips what a step prints at as much. */
const heldLimit = 2 << 20

/** What is said before its turn waits for it. */
export class Turn {
  #held: ProgressMessage[] = []
  #size = 0
  #send: OnProgress | undefined

  readonly send = (message: ProgressMessage): void => {
    if (this.#send) this.#send(message)
    else if (this.#size <= heldLimit) this.#hold(message)
  }

  #hold(message: ProgressMessage): void {
    this.#size += message.stream?.length ?? 0
    this.#held.push(message.stream !== undefined && this.#size > heldLimit ? clipped : message)
  }

  /** From now on everything goes to `send`, what has waited first. */
  begin(send: OnProgress): void {
    this.#send = send
    for (const message of this.#held) send(message)
    this.#held = []
  }
}

const clipped: ProgressMessage = { stream: `\n[output clipped, log limit 2MiB reached]\n` }
