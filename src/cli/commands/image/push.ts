import { familiarName, formatReference, parseReference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import { readAuth } from '../../credentials.ts'
import { ExitError } from '../../errors.ts'
import { contentTrust } from '../../options/common.ts'
import { checkPlatform } from '../../options/platform.ts'
import { progressPrinter } from '../../terminal/progress.ts'

const onlyPlatform = [
  '',
  ' Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index.',
  '         Other components, like attestations, will not be included.',
  '         To push the complete multi-platform image, remove the --platform flag.',
  '         ',
  '',
].join('\n')

export const push = command({
  usage: '[OPTIONS] NAME[:TAG]',
  summary: 'Send an image to a registry',
  aliases: ['image push', 'push'],
  minArgs: 1,
  maxArgs: 1,
  complete: 'image',
  flags: {
    'all-tags': { type: 'bool', short: 'a', help: 'Every tag of the repository' },
    'disable-content-trust': contentTrust,
    platform: {
      type: 'string',
      help: 'Only this platform (os[/arch[/variant]]), as an image of its own',
      since: '1.46',
    },
    quiet: { type: 'bool', short: 'q', help: 'Only the name at the end' },
  },
  async run({ args, config, engine, flags, out }) {
    const platform = flags.platform || ''
    if (platform) checkPlatform(platform, text => `Invalid platform ${platform}${text}`)
    if (platform) out.write(onlyPlatform)
    const named = parseReference(args[0]!)
    if (flags['all-tags'] && (named.tag || named.digest)) throw new ExitError(1, "tag can't be used with --all-tags/-a")
    const reference = flags['all-tags'] ? named : withDefaultTag(named)
    if (!flags['all-tags'] && !named.tag && !named.digest && !flags.quiet) out.line('Using default tag: latest')
    const print = flags.quiet ? () => {} : progressPrinter(out)
    const options = { tag: reference.tag, platform, auth: readAuth(config, reference.domain) }
    await engine.images.push(familiarName(reference), options, print)
    if (flags.quiet) out.line(flags['all-tags'] ? repositoryOf(reference) : formatReference(reference))
  },
})
