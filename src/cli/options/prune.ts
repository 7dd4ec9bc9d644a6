import { formatSize } from '../../base/size.ts'
import { ExitError } from '../errors.ts'
import type { Output } from '../output.ts'
import { confirm } from '../terminal/confirm.ts'

/** Asks before things are deleted for good; a no ends the command quietly, and well. */
export function confirmPrune(out: Output, isForced: boolean, warning: string, gap = '\n'): void {
  if (isForced || confirm(out, `WARNING! ${warning}${gap}Are you sure you want to continue?`)) return
  throw new ExitError(0)
}

export const reclaimed = (bytes: number): string => `Total reclaimed space: ${formatSize(bytes)}`
