const widthOf = (char: string): number =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]/u.test(
    char,
  )
    ? 2
    : 1

/** Cuts text at a display width, with `…` for what is gone. */
export function ellipsis(text: string, width: number): string {
  const chars = [...text]
  if (chars.reduce((sum, char) => sum + widthOf(char), 0) <= width) return text
  if (width <= 1) return chars[0] ?? ''
  let used = 0
  const kept: string[] = []
  for (const char of chars) {
    used += widthOf(char)
    if (used > width - 1) break
    kept.push(char)
  }
  return `${kept.join('')}…`
}
