import { reapChild } from '../kernel/reap.ts'

/** Early exits kept for whoever asks for them a moment later. */
const maxUnclaimed = 1024

/**
 * Tells how children end: those this process started and the orphans that fell to it.
 * An exit that nobody has asked for yet is kept, since a short-lived container ends before its pid is known.
 */
export class Reaper implements Disposable {
  readonly #waiting = new Map<number, (exitCode: number) => void>()
  readonly #unclaimed = new Map<number, { readonly exitCode: number; readonly at: number }>()
  readonly #listener = () => this.#reapAll()

  constructor() {
    process.on('SIGCHLD', this.#listener)
  }

  /**
   * Exit code of a child, 128 + n for signal n.
   *
   * @param since `performance.now()` before the child was started: pids come round, so what ended earlier was another
   */
  wait(pid: number, since: number): Promise<number> {
    const early = this.#unclaimed.get(pid)
    this.#unclaimed.delete(pid)
    if (early && early.at >= since) return Promise.resolve(early.exitCode)
    return new Promise(resolve => this.#waiting.set(pid, resolve))
  }

  [Symbol.dispose](): void {
    process.off('SIGCHLD', this.#listener)
  }

  #reapAll(): void {
    for (let exit = reapChild(); exit; exit = reapChild()) {
      const resolve = this.#waiting.get(exit.pid)
      this.#waiting.delete(exit.pid)
      if (resolve) resolve(exit.exitCode)
      else this.#keep(exit.pid, exit.exitCode)
    }
  }

  #keep(pid: number, exitCode: number): void {
    this.#unclaimed.delete(pid)
    this.#unclaimed.set(pid, { exitCode, at: performance.now() })
    if (this.#unclaimed.size > maxUnclaimed) this.#unclaimed.delete(this.#unclaimed.keys().next().value!)
  }
}
