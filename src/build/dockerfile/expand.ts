import { EngineError } from '../../base/errors.ts'
import { removePrefix, removeSuffix, replacePattern } from './pattern.ts'

export interface Scope {
  /** undefined: there is no such variable */
  readonly get: (name: string) => string | undefined
  readonly escape: '\\' | '`'
  /** quotes and escapes stay, for text that is no shell word */
  readonly keepQuotes?: boolean
  /** names without a value stay as they are written */
  readonly keepUnset?: boolean
}

const depthLimit = 200

const bad = (text: string) => new EngineError('invalid', text)

/** Reads one word as a shell would, up to the end or an unquoted `stop`. */
class Reader {
  readonly #text: string
  readonly #scope: Scope
  #at = 0
  #depth = 0

  constructor(text: string, scope: Scope) {
    this.#text = text
    this.#scope = scope
  }

  read(stop?: string): string {
    if (++this.#depth > depthLimit) throw bad('substitutions are nested too deeply')
    const out = this.#read(stop)
    this.#depth--
    return out
  }

  #read(stop: string | undefined): string {
    let out = ''
    for (; this.#at < this.#text.length; ) {
      const char = this.#text[this.#at]!
      if (char === stop) return out
      if (char === "'" && !this.#scope.keepQuotes) out += this.#single()
      else if (char === '"' && !this.#scope.keepQuotes) out += this.#double()
      else if (char === '$') out += this.#dollar()
      else if (char === this.#scope.escape) out += this.#escaped()
      else {
        out += char
        this.#at++
      }
    }
    if (stop !== undefined) throw bad(`syntax error: missing '${stop}'`)
    return out
  }

  #escaped(): string {
    const next = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    return this.#scope.keepQuotes && next !== '$' ? this.#scope.escape + next : next
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1)
    if (end < 0) throw bad('unexpected end of statement while looking for matching single-quote')
    const inner = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return inner
  }

  #double(): string {
    let out = ''
    this.#at++
    for (; this.#at < this.#text.length; ) {
      const char = this.#text[this.#at]!
      if (char === '"') {
        this.#at++
        return out
      }
      if (char === '$') out += this.#dollar()
      else if (char === this.#scope.escape && /["$\\`]/.test(this.#text[this.#at + 1] ?? '')) {
        const next = this.#text[this.#at + 1]!
        out += next === '"' || next === '$' || next === this.#scope.escape ? next : char + next
        this.#at += 2
      } else {
        out += char
        this.#at++
      }
    }
    throw bad('unexpected end of statement while looking for matching double-quote')
  }

  #name(): string {
    const [name = ''] =
      /^(?:[\p{L}_][\p{L}\p{N}_]*|\d+|[@*#?\-$!])/u.exec(this.#text.slice(this.#at, this.#at + 256)) ?? []
    this.#at += name.length
    return name
  }

  #dollar(): string {
    this.#at++
    if (this.#text[this.#at] !== '{') {
      const name = this.#name()
      return name === '' ? '$' : (this.#scope.get(name) ?? (this.#scope.keepUnset ? `$${name}` : ''))
    }
    const start = this.#at - 1
    this.#at++
    const name = this.#name()
    if (name === '') throw bad('bad substitution')
    const value = this.#modified(name)
    if (this.#text[this.#at++] !== '}') throw bad(`syntax error: missing '}'`)
    if (this.#scope.keepUnset && this.#scope.get(name) === undefined) return this.#text.slice(start, this.#at)
    return value
  }

  #modified(name: string): string {
    const value = this.#scope.get(name)
    const char = this.#text[this.#at]
    if (char === '}') return value ?? ''
    if (char === undefined) throw bad('unsupported modifier (\ufffd) in substitution')
    this.#at++
    if (char === ':' || char === '-' || char === '+' || char === '?') return this.#conditional(name, value, char)
    if (char === '#' || char === '%' || char === '/') return this.#pattern(value ?? '', char)
    throw bad(`unsupported modifier (${char}) in substitution`)
  }

  #conditional(name: string, value: string | undefined, first: string): string {
    const modifier = first === ':' ? this.#text[this.#at++] : first
    const isSet = value !== undefined && (first !== ':' || value !== '')
    const word = this.read('}')
    if (modifier === '-') return isSet ? value : word
    if (modifier === '+') return isSet ? word : ''
    if (modifier !== '?') throw bad(`unsupported modifier (${first}${modifier ?? ''}) in substitution`)
    if (isSet) return value
    throw bad(`${name}: ${word || `is not allowed to be ${first === ':' ? 'empty' : 'unset'}`}`)
  }

  #pattern(value: string, char: string): string {
    const twice = this.#text[this.#at] === char
    if (twice) this.#at++
    if (char === '/') {
      const pattern = this.#raw('/}')
      const hasReplacement = this.#text[this.#at] === '/'
      if (hasReplacement) this.#at++
      return replacePattern(value, pattern, hasReplacement ? this.read('}') : '', twice)
    }
    const pattern = this.#raw('}')
    return char === '#' ? removePrefix(value, pattern, twice) : removeSuffix(value, pattern, twice)
  }

  /** A pattern: variables are expanded, escapes left to the pattern. */
  #raw(stops: string): string {
    let out = ''
    for (; this.#at < this.#text.length && !stops.includes(this.#text[this.#at]!); ) {
      const char = this.#text[this.#at]!
      if (char === '$') out += this.#dollar()
      else if (char === this.#scope.escape) {
        out += `\\${this.#text[this.#at + 1] ?? ''}`
        this.#at += 2
      } else if (char === "'") out += this.#single()
      else if (char === '"') out += this.#double()
      else {
        out += char
        this.#at++
      }
    }
    return out
  }
}

/**
 * Expands variables in `word` and takes its quotes away.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function expand(word: string, scope: Scope): string {
  try {
    return new Reader(word, scope).read()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new EngineError('invalid', `failed to process ${JSON.stringify(word)}: ${error.message}`, { cause: error })
  }
}
