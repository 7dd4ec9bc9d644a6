import { isEngineError, messageOf } from '../base/errors.ts'
import type { EngineConnection, EngineEndpoint } from '../spec/engine-api/connection.ts'
import type { Command, Group } from './command.ts'
import { groupNames, isGroup, loadGroup, topLevel } from './commands/index.ts'
import { Config, type GlobalOptions } from './config.ts'
import { ExitError, UsageError } from './errors.ts'
import { parseGlobals } from './globals.ts'
import { type Output, stderr, stdout } from './output.ts'
import { parseFlags } from './parse.ts'
import { exitOnSignals } from './terminal/interrupt.ts'

export interface CliOptions {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly connect: (endpoint: EngineEndpoint) => EngineConnection
  readonly out?: Output
  readonly err?: Output
}

interface Found {
  readonly path: string
  readonly words: readonly string[]
  readonly command?: Command
  readonly group?: Group
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

async function find(words: readonly string[]): Promise<Found | undefined> {
  const [name = '', ...rest] = words
  const load = own(topLevel, name)
  if (load) return { path: name, words: rest, command: await load() }
  const group = await loadGroup(name)
  if (!group) return undefined
  const sub = rest[0] ?? ''
  const loadSub = own(group.commands, own(group.aliases ?? {}, sub) ?? sub)
  if (!loadSub) return { path: name, words: rest, group }
  return { path: `${name} ${group.aliases?.[sub] ?? sub}`, words: rest.slice(1), command: await loadSub() }
}

const plural = (count: number): string => (count === 1 ? '1 argument' : `${count} arguments`)

function checkArgs(path: string, { maxArgs, minArgs = 0, usage }: Command, count: number): void {
  const max = maxArgs ?? Number.POSITIVE_INFINITY
  if (count >= minArgs && count <= max) return
  const name = `docker: 'docker ${path}'`
  const tail = (word: string) =>
    `\n\nUsage:  docker ${path} ${usage}\n\n${word} 'docker ${path} --help' for more information`
  if (max === 0) throw new ExitError(1, `${name} accepts no arguments${tail('Run')}`)
  if (minArgs === max) throw new ExitError(1, `${name} requires ${plural(max)}${tail('Run')}`)
  if (max === Number.POSITIVE_INFINITY)
    throw new ExitError(1, `${name} requires at least ${plural(minArgs)}${tail('See')}`)
  // "SRun": Docker's own slip, which scripts may match
  if (minArgs === 0) throw new ExitError(1, `${name} requires at most ${plural(max)}${tail('SRun')}`)
  throw new ExitError(1, `${name} requires at least ${minArgs} and at most ${plural(max)}${tail('Run')}`)
}

const usageError = (error: UsageError, path: string, usage: string): ExitError =>
  new ExitError(
    error.code,
    `${error.message}\n\nUsage:  ${`docker ${path} ${usage}`.replace(/ +/g, ' ').trimEnd()}\n\nRun '${`docker ${path}`.trimEnd()} --help' for more information`,
  )

/** Options that only BuildKit's own client knows what to do with. */
const pluginOnly =
  /^--(allow|annotation|attest|build-context|builder|cache-to|call|check|debug|load|metadata-file|no-cache-filter|output|progress|provenance|push|sbom|secret|ssh)(=|$)|^-o/

/** Whether Docker's plugin shall build: asked for by DOCKER_BUILDKIT=1, or by an option that is its alone. */
const usesPlugin = (words: readonly string[], config: Config): boolean =>
  /^(1|t|true)$/i.test(config.env('DOCKER_BUILDKIT') ?? '') || words.some(word => pluginOnly.test(word))

/** `build …` as the plugin wants it, `buildx build …`. */
function pluginArguments(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('build')
  return [...argv.slice(0, at), 'buildx', ...argv.slice(at)]
}

/** Where the engine is; what is wrong with the way there is told as Docker does. */
function endpointOf(config: Config): EngineEndpoint {
  try {
    return config.endpoint
  } catch (error) {
    const text = messageOf(error)
    const isConflict = text.startsWith('conflicting options')
    throw new ExitError(1, isConflict ? text : `Failed to initialize: unable to resolve docker endpoint: ${text}`)
  }
}

/** An option behind something that is no command is what gets blamed. */
function rejectFlags(words: readonly string[], path: string, usage: string): void {
  try {
    parseFlags({}, words)
  } catch (error) {
    throw error instanceof UsageError ? usageError(error, path, usage) : error
  }
}

class Cli {
  readonly #options: CliOptions
  readonly #out: Output
  readonly #err: Output
  #engine: EngineConnection | undefined
  readonly #others: EngineConnection[] = []
  #config: Config | undefined
  #hasOffered = false

  constructor(options: CliOptions) {
    this.#options = options
    this.#out = options.out ?? stdout
    this.#err = options.err ?? stderr
  }

  #connect(config: Config): EngineConnection {
    this.#engine ??= this.#options.connect(endpointOf(config))
    return this.#engine
  }

  #engineFor(options: GlobalOptions): { config: Config; engine: EngineConnection } {
    const config = new Config(options, this.#options.env, () => {})
    const engine = this.#options.connect(config.endpoint)
    this.#others.push(engine)
    return { config, engine }
  }

  async #runCommand(config: Config, { command, path, words }: Found & { command: Command }): Promise<number> {
    let parsed: ReturnType<typeof parseFlags>
    try {
      const options = { stopAtFirst: command.stopAtFirst === true }
      parsed = command.raw
        ? { args: words, flags: {}, changed: new Set(), help: false, isShortHelp: false }
        : parseFlags(command.flags, words, options, line => this.#out.line(line))
    } catch (error) {
      throw error instanceof UsageError ? usageError(error, path, command.usage) : error
    }
    if (parsed.help) {
      const { commandHelp } = await import('./help.ts')
      if (parsed.isShortHelp) this.#out.line('Flag shorthand -h has been deprecated, use --help')
      this.#out.write(commandHelp(path, command, this.#out.columns))
      return 0
    }
    checkArgs(path, command, parsed.args.length)
    const connect = () => this.#connect(config)
    if (command.experimental && !(await connect().negotiate()).experimental)
      throw new ExitError(1, `docker ${path} is only supported on a Docker daemon with experimental features enabled`)
    const context = {
      args: parsed.args,
      flags: parsed.flags as never,
      changed: parsed.changed,
      get engine() {
        return connect()
      },
      config,
      out: this.#out,
      err: this.#err,
      path,
      engineFor: (options: GlobalOptions) => this.#engineFor(options),
    }
    await this.#checkFlags(command, parsed.changed, connect)
    const code = await command.run(context)
    return typeof code === 'number' ? code : 0
  }

  /** Refuses the flags that the engine knows nothing of. */
  async #checkFlags(command: Command, changed: ReadonlySet<string>, connect: () => EngineConnection): Promise<void> {
    const faults: string[] = []
    for (const name of [...changed].sort()) {
      const { experimental, onlyOn, since } = command.flags[name]!
      if (since === undefined && !onlyOn && !experimental) continue
      const version = await connect().apiVersion()
      const [have = 0, need = 0] = [version, since ?? ''].map(text => Number(text.split('.')[1]))
      if (have < need)
        faults.push(`"--${name}" requires API version ${since}, but the Docker daemon API version is ${version}`)
      if (onlyOn)
        faults.push(
          `"--${name}" is only supported on a Docker daemon running on ${onlyOn}, but the Docker daemon is running on linux`,
        )
      if (experimental && !(await connect().negotiate()).experimental)
        faults.push(`"--${name}" is only supported on a Docker daemon with experimental features enabled`)
    }
    if (faults.length) throw new ExitError(1, faults.join('\n'))
  }

  async #runGroup(found: Found & { group: Group }): Promise<number> {
    const { group, path, words } = found
    const help = async (out = this.#out) => {
      const { groupHelp } = await import('./help.ts')
      out.write(await groupHelp(path, group))
      return 0
    }
    const [word] = words
    if (word === undefined) return help(this.#err)
    if (word === '--help' || word === '-h' || word === 'help') return help()
    if (word.startsWith('-')) {
      rejectFlags(words, path, '')
      return help(this.#err)
    }
    const guess = await this.#guess(word, Object.keys(group.commands))
    throw new ExitError(
      1,
      `docker: unknown command: docker ${path} ${word}\n\nUsage:  docker ${path}${guess}\n\nRun 'docker ${path} --help' for more information`,
    )
  }

  async #guess(word: string, names: readonly string[]): Promise<string> {
    const { closest } = await import('./guess.ts')
    const guess = closest(word, names)
    return guess ? `\n\nDid you mean '${guess}'?` : ''
  }

  async #dispatch(config: Config, words: readonly string[]): Promise<number> {
    const name = words[0]!
    const isBuilt = name !== 'build' || !usesPlugin(words, config)
    if ((!own(topLevel, name) && !isGroup(name)) || !isBuilt) {
      const { runPlugin } = await import('./plugins.ts')
      const plugin = isBuilt ? words : ['buildx', ...words]
      const code = await runPlugin(config, plugin, isBuilt ? this.#options.argv : pluginArguments(this.#options.argv))
      if (code !== undefined) return code
    }
    const found = await find(words)
    if (found?.command) return this.#runCommand(config, { ...found, command: found.command })
    if (found?.group) return this.#runGroup({ ...found, group: found.group })
    rejectFlags(words, '', '[OPTIONS] COMMAND [ARG...]')
    const guess = await this.#guess(words[0]!, [...Object.keys(topLevel), ...groupNames])
    throw new ExitError(
      1,
      `docker: unknown command: docker ${words[0]}${guess}\n\nRun 'docker --help' for more information`,
    )
  }

  async run(): Promise<number> {
    const { argv, env } = this.#options
    const home = env.HOME ?? '/'
    let globals: ReturnType<typeof parseGlobals>
    try {
      globals = parseGlobals(argv, home)
    } catch (error) {
      throw error instanceof UsageError ? usageError(error, '', '[OPTIONS] COMMAND [ARG...]') : error
    }
    const { options, parsed } = globals
    if (parsed.flags.version === true) {
      const { versionLine } = await import('./version.ts')
      this.#out.line(versionLine)
      return 0
    }
    const config = new Config(options, env, line => this.#err.line(line))
    this.#config = config
    if (parsed.args[0] === 'help') rejectFlags(parsed.args.slice(1), 'help', '[command]')
    const words = parsed.args[0] === 'help' ? [...parsed.args.slice(1), '--help'] : parsed.args
    if (words.length > 0 && words[0] !== '--help' && !parsed.help) {
      if (parsed.args[0] === 'help' && !(own(topLevel, words[0]!) || isGroup(words[0]!)))
        throw new ExitError(1, `unknown help topic: ${parsed.args.slice(1).join(' ')}`)
      return this.#dispatch(config, words)
    }
    const { rootHelp } = await import('./root-help.ts')
    this.#out.write(await rootHelp(config, this.#out.columns))
    return 0
  }

  /** On a host without an engine: whether one runs now. */
  async #offerEngine(error: unknown): Promise<boolean> {
    const cause = error instanceof ExitError ? error.cause : error
    if (this.#hasOffered || !this.#config || !isEngineError(cause, 'unavailable')) return false
    this.#hasOffered = true
    const { offerEngine } = await import('./terminal/start-engine.ts')
    return offerEngine(cause, this.#config, this.#err)
  }

  #again(): Promise<number> {
    this.#engine?.close()
    this.#engine = undefined
    return this.runToExit()
  }

  async runToExit(): Promise<number> {
    try {
      return await this.run()
    } catch (error) {
      if (await this.#offerEngine(error)) return await this.#again()
      const code = error instanceof ExitError ? error.code : 1
      const text = messageOf(error)
      if (text) this.#err.line(text)
      return code
    } finally {
      this.#engine?.close()
      for (const engine of this.#others) engine.close()
    }
  }
}

/** Runs one command line to its end and gives its exit code. */
export function runCli(options: CliOptions): Promise<number> {
  exitOnSignals()
  return new Cli(options).runToExit()
}
