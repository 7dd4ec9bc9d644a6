import { command } from '../../command.ts'
import { examine } from '../../doctor/examine.ts'
import { ExitError } from '../../errors.ts'
import { paint } from '../../format/colour.ts'

const marks = { good: ['ok', 'green'], poor: ['warn', 'yellow'], bad: ['no', 'red'] } as const

export const doctor = command({
  usage: '',
  summary: 'Say in plain words what this host lacks',
  maxArgs: 0,
  flags: {},
  hidden: true,
  async run({ out }) {
    const findings = examine()
    for (const { advice, level, what } of findings) {
      const [word, colour] = marks[level]
      out.line(`${paint(out, colour, word.padEnd(5))}${what}${level === 'good' ? '' : `\n     ${advice}`}`)
    }
    if (findings.some(({ level }) => level === 'bad')) throw new ExitError(1)
  },
})
