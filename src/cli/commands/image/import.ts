import { parseReference, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { openInput } from '../../terminal/file.ts'
import { progressPrinter } from '../../terminal/progress.ts'

const isUrl = (text: string): boolean => /^(https?|ftp):\/\//.test(text) || /^github\.com\//.test(text)

export const importTar = command({
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Make an image of the files in a tar archive',
  aliases: ['image import', 'import'],
  minArgs: 1,
  flags: {
    change: { type: 'list', short: 'c', help: 'Dockerfile instruction to apply' },
    message: { type: 'string', short: 'm', help: 'What was done' },
    platform: { type: 'string', help: 'Platform to write into the image', since: '1.32' },
  },
  async run({ args: [from = '', name = ''], engine, flags, out }) {
    if (name) withDefaultTag(parseReference(name))
    const source = isUrl(from) ? from : from === '-' ? process.stdin : await openInput(from)
    const options = { repo: name, tag: '', message: flags.message, changes: flags.change, platform: flags.platform }
    await engine.images.import(source, options, progressPrinter(out))
  },
})
