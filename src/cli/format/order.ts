/** Order in which numbers inside names count as numbers: `a2` before `a10`. */
export function naturally(a: string, b: string): number {
  const [left, right] = [a, b].map(text => text.match(/\d+|\D+/g) ?? [])
  for (let at = 0; at < Math.min(left!.length, right!.length); at++) {
    const [x, y] = [left![at]!, right![at]!]
    if (x === y) continue
    const isNumber = /^\d/.test(x) && /^\d/.test(y)
    if (isNumber && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1
    return x < y ? -1 : 1
  }
  return left!.length - right!.length
}
