/** How many letters must change to turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

/** The name most like `word`, when one is near enough to be meant. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const ranked = names.map(name => [distance(word, name), name] as const).sort(([a], [b]) => a - b)
  const [best] = ranked
  return best && best[0] > 0 && best[0] <= 2 && best[0] < word.length / 2 ? best[1] : undefined
}
