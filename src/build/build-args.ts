const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY']
const predefined = new Set([...proxies, ...proxies.map(name => name.toLowerCase())])

type Values = Map<string, string | undefined>

/** What ARG and --build-arg say: before the first FROM, and in the stage that is being built. */
export class BuildArgs {
  readonly #given: Readonly<Record<string, string | null>>
  readonly #platform: Readonly<Record<string, string>>
  readonly #global: Values = new Map()
  readonly #declared: Values
  readonly #used: Set<string>

  constructor(
    given: Readonly<Record<string, string | null>>,
    platform: Readonly<Record<string, string>> = {},
    used = new Set<string>(),
    global: Values = new Map(),
    declared: Values = new Map(),
  ) {
    this.#given = given
    this.#platform = platform
    this.#used = used
    this.#global = global
    this.#declared = declared
  }

  /** The same arguments for a stage that has declared none yet. */
  forStage(): BuildArgs {
    return new BuildArgs(this.#given, this.#platform, this.#used, this.#global)
  }

  declareGlobal(name: string, value: string | undefined): void {
    this.#global.set(name, value)
    this.#used.add(name)
  }

  declare(name: string, value: string | undefined): void {
    this.#declared.set(name, value)
    this.#used.add(name)
  }

  /** Names that FROM may use. */
  globalNames(): readonly string[] {
    return [...this.#global.keys(), ...Object.keys(this.#platform)]
  }

  /** Value of an argument before the first FROM. */
  global(name: string): string | undefined {
    return this.#given[name] ?? this.#global.get(name) ?? this.#platform[name]
  }

  /** Value of an argument that the stage declared. */
  get(name: string): string | undefined {
    if (!this.#declared.has(name)) return undefined
    return this.#given[name] ?? this.#declared.get(name) ?? this.#global.get(name) ?? this.#platform[name]
  }

  /** The same arguments for a stage that stands on this one. */
  forNext(): BuildArgs {
    return new BuildArgs(this.#given, this.#platform, this.#used, this.#global, new Map(this.#declared))
  }

  isDeclared(name: string): boolean {
    return this.#declared.has(name)
  }

  names(): readonly string[] {
    return [...this.#declared.keys()]
  }

  /** What a command gets besides ENV: `name=value`, sorted. */
  environment(env: ReadonlyMap<string, string>): readonly string[] {
    const names = new Set([...this.#declared.keys(), ...predefined])
    return this.#list(names, env)
  }

  /** The part of environment() that the result may depend on: proxies nobody declared are left out. */
  keyOf(env: ReadonlyMap<string, string>): readonly string[] {
    return this.#list(this.#declared.keys(), env)
  }

  #list(names: Iterable<string>, env: ReadonlyMap<string, string>): readonly string[] {
    const found: string[] = []
    for (const name of names) {
      const value = this.#declared.has(name) ? this.get(name) : (this.#given[name] ?? undefined)
      if (value !== undefined && !env.has(name)) found.push(`${name}=${value}`)
    }
    return found.sort()
  }

  /** Names given that no ARG asked for. */
  unused(): readonly string[] {
    return Object.keys(this.#given)
      .filter(name => !this.#used.has(name) && !predefined.has(name))
      .sort()
  }
}
