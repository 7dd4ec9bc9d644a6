import type { Output } from '../output.ts'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const

/** Text in a style where it is a terminal that shows it and nobody said NO_COLOR. */
export function paint(out: Output, style: keyof typeof codes, text: string): string {
  const isPlain = !out.isTerminal || process.env.NO_COLOR || process.env.TERM === 'dumb'
  return isPlain ? text : `\x1b[${codes[style]}m${text}\x1b[0m`
}
