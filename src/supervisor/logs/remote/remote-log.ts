import type { RemoteLogSettings } from '../../protocol.ts'
import type { LogEntry } from '../line-splitter.ts'
import { openFluentd } from './fluentd.ts'
import { openGelf } from './gelf.ts'
import { openJournald } from './journald.ts'
import { openSyslog } from './syslog.ts'

/** Where messages go; it never throws: what cannot be sent is lost, once its own patience is over. */
export interface Sink {
  send(entry: LogEntry): void
  /** bytes accepted and not yet sent */
  readonly pendingBytes: number
  /** resolves when there is room again */
  drained(): Promise<void>
  close(): void
}

const openers = { syslog: openSyslog, gelf: openGelf, fluentd: openFluentd, journald: openJournald } as const

/** What a container may be ahead of the other side before it waits. */
const blockingBytes = 1 << 20

/** A log on another machine or in another program. */
export class RemoteLog {
  readonly #sink: Sink
  readonly #limit: number
  readonly #drops: boolean

  constructor(sink: Sink, { bufferBytes }: RemoteLogSettings) {
    this.#sink = sink
    this.#limit = bufferBytes ?? blockingBytes
    this.#drops = bufferBytes !== undefined
  }

  write(entries: readonly LogEntry[]): Promise<void> | undefined {
    for (const entry of entries) {
      if (this.#drops && this.#sink.pendingBytes + entry.bytes.length > this.#limit) continue
      this.#sink.send(entry)
    }
    return !this.#drops && this.#sink.pendingBytes > this.#limit ? this.#sink.drained() : undefined
  }

  close(): void {
    this.#sink.close()
  }
}

export async function openRemoteLog(settings: RemoteLogSettings): Promise<RemoteLog> {
  return new RemoteLog(await openers[settings.driver](settings), settings)
}
