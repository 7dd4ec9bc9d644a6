import { EngineError } from '../../base/errors.ts'

/** What `--chmod` makes of the mode of a file. */
export type ModeChange = (mode: number, isDirectory: boolean) => number

const who: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 }
const bits: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }

/**
 * Octal digits, or clauses as chmod(1) takes them: `u=rwX,go=rX`.
 *
 * @throws EngineError `invalid`
 */
export function parseChmod(text: string): ModeChange {
  if (/^0?[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    return () => mode
  }
  const clauses = text.split(',').map(clause => {
    const [, classes = '', operations = ''] = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause) ?? []
    if (operations === '')
      throw new EngineError(
        'invalid',
        `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
      )
    const all = classes === '' || classes.includes('a') ? 'ugo' : classes
    const mask = [...all].reduce((sum, each) => sum | who[each]!, 0)
    return { mask, operations: operations.match(/[-+=][rwxXst]*/g)! }
  })
  return (mode, isDirectory) => clauses.reduce((at, clause) => apply(at, clause, isDirectory), mode)
}

interface Clause {
  readonly mask: number
  readonly operations: readonly string[]
}

function apply(mode: number, { mask, operations }: Clause, isDirectory: boolean): number {
  let result = mode
  for (const operation of operations) {
    const letters = [...operation.slice(1)]
    const canRun = isDirectory || (result & 0o111) !== 0
    const given = letters.reduce((sum, each) => sum | (each === 'X' ? (canRun ? bits.x! : 0) : bits[each]!), 0) & mask
    if (operation[0] === '+') result |= given
    else if (operation[0] === '-') result &= ~given
    else result = (result & ~(mask & 0o777)) | given
  }
  return result
}
