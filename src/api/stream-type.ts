import { atLeast } from './versions.ts'

/** Media type of a container's output. */
export const streamType = (tty: boolean, version: string): string =>
  `application/vnd.docker.${!tty && atLeast(version, '1.42') ? 'multiplexed' : 'raw'}-stream`
