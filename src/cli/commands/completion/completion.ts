import { command } from '../../command.ts'
import { bashScript, fishScript, zshScript } from '../../completion/scripts.ts'
import { ExitError } from '../../errors.ts'

const scripts = { bash: bashScript, fish: fishScript, zsh: zshScript } as const

export const completion = command({
  usage: 'SHELL',
  summary: 'Print the completion script for a shell (bash, zsh or fish)',
  minArgs: 1,
  maxArgs: 1,
  hidden: true,
  complete: 'shell',
  flags: { 'no-descriptions': { type: 'bool', help: 'Names only' } },
  async run({ args: [shell = ''], out }) {
    if (!Object.hasOwn(scripts, shell))
      throw new ExitError(1, `no completion for the shell ${JSON.stringify(shell)}: there is bash, zsh and fish`)
    const program = process.argv0.endsWith('docker') ? ['docker'] : ['berth', 'docker']
    out.write(scripts[shell as keyof typeof scripts](program))
  },
})
