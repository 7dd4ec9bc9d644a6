const widthOf = (text: string): number => [...text].length

/** Lines of tab-separated cells, aligned as Go's tabwriter does with (minWidth, 1, padding, ' '). */
export function alignTabs(text: string, { minWidth = 10, padding = 3 } = {}): string {
  const isEnded = text.endsWith('\n')
  const lines = (isEnded ? text.slice(0, -1) : text).split('\n').map(line => line.split('\t'))
  const widths = lines.map(cells => cells.slice(0, -1).map(() => 0))
  for (let at = 0; at < lines.length; at++) {
    for (let column = 0; column < widths[at]!.length; column++) {
      if (widths[at]![column] !== 0) continue
      let end = at
      let width = 0
      for (; end < lines.length && widths[end]!.length > column; end++)
        width = Math.max(width, widthOf(lines[end]![column]!))
      const full = Math.max(width + padding, minWidth)
      for (let row = at; row < end; row++) widths[row]![column] = full
    }
  }
  const out = lines.map((cells, row) =>
    cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[row]![column] ?? 0) - widthOf(cell)))).join(''),
  )
  return out.join('\n') + (isEnded ? '\n' : '')
}
