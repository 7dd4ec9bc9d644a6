const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  "'": "\\'",
  '\\': '\\\\',
  '\ufeff': '\\ufeff',
}

/** As Go quotes a character. */
const quote = (char: string): string =>
  `'${named[char] ?? (char < ' ' ? `\\x${Buffer.from(char).toString('hex')}` : char)}'`

class Unexpected extends Error {}

/** A reader of JSON that knows one thing: what is wrong with a text, in the words that Go's clients know. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): void {
    this.#value()
    this.#space()
    if (this.#at < this.#text.length) this.#fail('after top-level value')
  }

  #value(): void {
    this.#space()
    const char = this.#peek()
    if (char === '{') this.#object()
    else if (char === '[') this.#array()
    else if (char === '"') this.#string()
    else if (/[-\d]/.test(char)) this.#number()
    else if (char === 't') this.#literal('true')
    else if (char === 'f') this.#literal('false')
    else if (char === 'n') this.#literal('null')
    else this.#fail('looking for beginning of value')
  }

  #object(): void {
    this.#at++
    this.#space()
    if (this.#peek() === '}') return void this.#at++
    for (;;) {
      this.#space()
      if (this.#peek() !== '"') this.#fail('looking for beginning of object key string')
      this.#string()
      this.#space()
      if (this.#peek() !== ':') this.#fail('after object key')
      this.#at++
      this.#value()
      if (this.#isLast('}', 'after object key:value pair')) return
    }
  }

  #array(): void {
    this.#at++
    this.#space()
    if (this.#peek() === ']') return void this.#at++
    do this.#value()
    while (!this.#isLast(']', 'after array element'))
  }

  #isLast(end: string, where: string): boolean {
    this.#space()
    const char = this.#peek()
    if (char !== end && char !== ',') this.#fail(where)
    this.#at++
    return char === end
  }

  #string(): void {
    for (this.#at++; this.#peek() !== '"'; this.#at++) {
      if (this.#peek() < ' ') this.#fail('in string')
      if (this.#peek() !== '\\') continue
      this.#at++
      if (this.#peek() === 'u') {
        const start = this.#at - 1
        for (let i = 0; i < 4; i++) {
          this.#at++
          if (!/[\da-fA-F]/.test(this.#peek())) this.#failEscape(start)
        }
      } else if (!'bfnrt\\/"'.includes(this.#peek())) this.#failEscape(this.#at - 1)
    }
    this.#at++
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++
    if (!/\d/.test(this.#peek())) this.#fail('in numeric literal')
    this.#at += /^(0|[1-9]\d*)/.exec(this.#text.slice(this.#at))![0].length
    if (this.#text[this.#at] === '.') {
      this.#at++
      if (!/\d/.test(this.#peek())) this.#fail('in numeric literal')
      this.#digits()
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? '')) return
    this.#at++
    if (/[+-]/.test(this.#peek())) this.#at++
    if (!/\d/.test(this.#peek())) this.#fail('in numeric literal')
    this.#digits()
  }

  #digits(): void {
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #literal(word: string): void {
    for (const expected of word) {
      if (this.#peek() !== expected) this.#fail(`in literal ${word} (expecting ${quote(expected)})`)
      this.#at++
    }
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #peek(): string {
    const char = this.#text[this.#at]
    if (char === undefined) throw new Unexpected('unexpected EOF')
    return char
  }

  #failEscape(start: number): never {
    throw new Unexpected(
      `invalid escape sequence \`${this.#text.slice(start, start + (this.#text[start + 1] === 'u' ? 6 : 2))}\` in string`,
    )
  }

  #fail(where: string): never {
    throw new Unexpected(`invalid character ${quote(this.#peek())} ${where}`)
  }
}

/** Why `text` is no JSON, as Go's encoding/json says it: clients show it, and some look for it. */
export function jsonErrorOf(text: string): string {
  try {
    new Reader(text).document()
    return 'invalid JSON'
  } catch (error) {
    if (error instanceof Unexpected) return error.message
    throw error
  }
}
