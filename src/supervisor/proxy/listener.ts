import type { ProxiedPort } from '../../spec/proxied-port.ts'

export interface Listener {
  /** New connections go there. */
  retarget(port: ProxiedPort): void
  close(): void
}
