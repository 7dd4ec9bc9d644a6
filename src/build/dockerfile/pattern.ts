type Token = { readonly char: string } | '*' | '?'

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!
    if (char === '*' || char === '?') tokens.push(char)
    else tokens.push({ char: char === '\\' && i + 1 < pattern.length ? pattern[++i]! : char })
  }
  return tokens
}

/** Lengths of the beginnings of `text`, shortest first, that the pattern matches. Never slower than text × pattern. */
function matchLengths(text: string, tokens: readonly Token[]): number[] {
  let states = closure(new Set([0]), tokens)
  const lengths: number[] = []
  for (let length = 0; ; length++) {
    if (states.has(tokens.length)) lengths.push(length)
    const char = text[length]
    if (char === undefined || states.size === 0) return lengths
    const next = new Set<number>()
    for (const state of states) {
      const token = tokens[state]
      if (token === '*') next.add(state)
      else if (token === '?' || token?.char === char) next.add(state + 1)
    }
    states = closure(next, tokens)
  }
}

/** A star may match nothing. */
function closure(states: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const state of states) if (tokens[state] === '*') states.add(state + 1)
  return states
}

const pick = (lengths: readonly number[], longest: boolean): number | undefined =>
  longest ? lengths.at(-1) : lengths[0]

/** `${x#pattern}`, with `longest` `${x##pattern}`. */
export function removePrefix(text: string, pattern: string, longest: boolean): string {
  return text.slice(pick(matchLengths(text, tokensOf(pattern)), longest) ?? 0)
}

/** `${x%pattern}`, with `longest` `${x%%pattern}`. */
export function removeSuffix(text: string, pattern: string, longest: boolean): string {
  const reversed = [...text].reverse().join('')
  const length = pick(matchLengths(reversed, tokensOf(pattern).reverse()), longest) ?? 0
  return text.slice(0, text.length - length)
}

/** `${x/pattern/by}`, with `all` `${x//pattern/by}`: the longest match from the left. */
export function replacePattern(text: string, pattern: string, by: string, all: boolean): string {
  const tokens = tokensOf(pattern)
  if (tokens.length === 0) return text
  let out = ''
  for (let at = 0; at < text.length; ) {
    const length = pick(matchLengths(text.slice(at), tokens), true)
    if (!length) out += text[at++]
    else {
      out += by
      at += length
      if (!all) return out + text.slice(at)
    }
  }
  return out
}
