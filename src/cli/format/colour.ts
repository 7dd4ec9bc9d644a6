import type { Output } from '../output.ts'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const

/** Whether it is a terminal that shows colours, and nobody said NO_COLOR. */
export const hasColour = (out: Output): boolean =>
  out.isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

/** Text in a style where that shows. */
export const paint = (out: Output, style: keyof typeof codes, text: string): string =>
  hasColour(out) ? `\x1b[${codes[style]}m${text}\x1b[0m` : text
