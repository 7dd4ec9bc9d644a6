import { nowNanos } from '../../base/time.ts'
import type { LogSettings } from '../protocol.ts'
import type { OutputName } from '../streams.ts'
import { FileLog } from './file-log.ts'
import { LineSplitter } from './line-splitter.ts'
import { openRemoteLog, type RemoteLog } from './remote/remote-log.ts'

/** All that is kept of a container's output: a file to read it from, another machine, or both. */
export class ContainerLog {
  readonly #splitter = new LineSplitter()
  readonly #file: FileLog | undefined
  readonly #remote: RemoteLog | undefined

  private constructor(file: FileLog | undefined, remote: RemoteLog | undefined) {
    this.#file = file
    this.#remote = remote
  }

  /** @throws when the other side of a driver cannot be reached and the driver says that this matters */
  static async open({ file, remote }: LogSettings): Promise<ContainerLog | undefined> {
    if (!file && !remote) return undefined
    const link = remote && (await openRemoteLog(remote))
    return new ContainerLog(file && new FileLog(file), link)
  }

  /** A promise when the container has to wait until what is under way has arrived. */
  write(output: OutputName, chunk: Buffer): Promise<void> | undefined {
    const nanos = nowNanos()
    if (!this.#remote && this.#file) return writeTogether(this.#file, this.#splitter, output, chunk, nanos)
    const entries = this.#splitter.split(output, chunk, nanos)
    if (entries.length === 0) return undefined
    this.#file?.write(entries)
    return this.#remote?.write(entries)
  }

  /** Writes what has no newline yet. */
  close(): void {
    const rest = this.#splitter.rest(nowNanos())
    if (rest.length > 0) {
      this.#file?.write(rest)
      void this.#remote?.write(rest)
    }
    this.#file?.close()
    this.#remote?.close()
  }
}

/** Whole lines go to the file together where they can: one by one they would cost more than all the rest. */
export function writeTogether(
  file: FileLog,
  splitter: LineSplitter,
  output: OutputName,
  chunk: Buffer,
  nanos: bigint,
): undefined {
  const { start, end } = splitter.wholeLines(output, chunk)
  const split = (part: Buffer) => {
    if (part.length > 0) file.write(splitter.split(output, part, nanos))
  }
  split(chunk.subarray(0, start))
  const block = chunk.subarray(start, end)
  if (block.length > 0 && !file.writeBlock(output, block, nanos)) split(block)
  split(chunk.subarray(end))
}
