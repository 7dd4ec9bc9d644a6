import { type Command, command } from '../../command.ts'
import { suggest } from '../../completion/suggest.ts'

const answering = (hasWords: boolean): Command =>
  command({
    usage: '[WORD...]',
    summary: 'Answer a shell that asks how a command line goes on',
    hidden: true,
    raw: true,
    flags: {},
    async run({ args, config, engineFor, out }) {
      const { offers, wantsFiles } = await suggest(args, config, engineFor)
      for (const [word, words] of offers) out.line(hasWords && words ? `${word}\t${words}` : word)
      out.line(wantsFiles ? ':0' : ':4')
    },
  })

export const answer = answering(true)
export const answerPlain = answering(false)
