import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import type { ProgressMessage } from '../../../spec/engine-api/engine.ts'
import { formatReference, parseReference, repositoryOf, withDefaultTag } from '../../../spec/reference.ts'
import { command } from '../../command.ts'
import type { Config } from '../../config.ts'
import { readAuth } from '../../credentials.ts'
import { ExitError } from '../../errors.ts'
import type { Output } from '../../output.ts'
import { progressPrinter } from '../../terminal/progress.ts'

interface PullOptions {
  readonly platform?: string
  readonly out: Output
  readonly quiet: boolean
  readonly allTags?: boolean
}

/** Pulls what a user named, with progress. */
export async function pullImage(
  engine: EngineConnection,
  config: Config,
  name: string,
  { allTags, out, platform, quiet }: PullOptions,
): Promise<string> {
  const reference = allTags ? parseReference(name) : withDefaultTag(parseReference(name))
  const print: (message: ProgressMessage) => void = quiet ? () => {} : progressPrinter(out)
  const request = {
    fromImage: repositoryOf(reference),
    tag: allTags ? undefined : (reference.digest ?? reference.tag),
    platform: platform || config.env('DOCKER_DEFAULT_PLATFORM'),
    auth: readAuth(config, reference.domain),
  }
  await engine.images.pull(request, print)
  return formatReference(reference)
}

export const pull = command({
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Fetch an image from a registry',
  aliases: ['image pull', 'pull'],
  minArgs: 1,
  maxArgs: 1,
  flags: {
    'all-tags': { type: 'bool', short: 'a', help: 'Every tag of the repository' },
    'disable-content-trust': { type: 'bool', help: 'Accepted for old scripts', default: true },
    platform: { type: 'string', help: 'Which platform of an image for several' },
    quiet: { type: 'bool', short: 'q', help: 'Only the name at the end' },
  },
  async run({ args, config, engine, flags, out }) {
    const reference = parseReference(args[0]!)
    if (flags['all-tags'] && (reference.tag || reference.digest))
      throw new ExitError(1, "tag can't be used with --all-tags/-a")
    if (!flags['all-tags'] && !flags.quiet && !reference.tag && !reference.digest) out.line('Using default tag: latest')
    out.line(
      await pullImage(engine, config, args[0]!, {
        platform: flags.platform,
        out,
        quiet: flags.quiet,
        allTags: flags['all-tags'],
      }),
    )
  },
})
