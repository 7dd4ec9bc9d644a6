/** The name that was probably meant: the fewest letters differ, and the first one does not where there is a choice. */
export function closest(word: string, names: readonly string[], limit = 5): string | undefined {
  const rank = (name: string) => 2 * distance(word.slice(0, 20), name) + (name[0] === word[0] ? 0 : 1)
  const near = names.filter(name => distance(word.slice(0, 20), name) <= limit)
  return near.toSorted((a, b) => rank(a) - rank(b))[0]
}

/** How many letters must be changed, added or dropped. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, char] of [...from].entries()) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (to[j] === char ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
