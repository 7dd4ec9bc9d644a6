import { formatSize } from '../../base/size.ts'
import { ExitError } from '../errors.ts'
import type { Output } from '../output.ts'
import { confirm } from '../terminal/confirm.ts'

/** Asks before things are deleted for good; a no ends the command quietly. */
export function confirmPrune(out: Output, isForced: boolean, warning: string): void {
  if (isForced || confirm(out, `WARNING! ${warning}\nAre you sure you want to continue?`)) return
  throw new ExitError(1)
}

export const reclaimed = (bytes: number): string => `Total reclaimed space: ${formatSize(bytes)}`
