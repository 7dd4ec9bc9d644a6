import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../../command.ts'
import { manPages } from '../../man.ts'

export const man = command({
  usage: 'FOLDER',
  summary: 'Write the manual pages of every command into a folder',
  minArgs: 1,
  maxArgs: 1,
  hidden: true,
  flags: {},
  async run({ args: [folder = ''], config, out }) {
    mkdirSync(folder, { recursive: true })
    const pages = await manPages(config.environment.HOME ?? '/root')
    for (const [file, text] of pages) writeFileSync(join(folder, file), text)
    out.line(`${pages.size} pages in ${folder}`)
  },
})
