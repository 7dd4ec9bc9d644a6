/** The fields of one CSV line: `a,"b,c"`. */
export function parseCsv(line: string): readonly string[] {
  const fields: string[] = []
  for (let at = 0; at <= line.length; at++) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at)
      const end = comma < 0 ? line.length : comma
      const field = line.slice(at, end)
      if (field.includes('"'))
        throw new Error(`parse error on line 1, column ${at + field.indexOf('"') + 1}: bare " in non-quoted-field`)
      fields.push(field)
      at = end
      continue
    }
    let field = ''
    for (at++; line[at] !== undefined && !(line[at] === '"' && line[at + 1] !== '"'); at++) {
      if (line[at] === '"') at++
      field += line[at]
    }
    if (line[at] === undefined)
      throw new Error(`parse error on line 1, column ${line.length + 1}: extraneous or missing " in quoted-field`)
    if (++at < line.length && line[at] !== ',')
      throw new Error(`parse error on line 1, column ${at}: extraneous or missing " in quoted-field`)
    fields.push(field)
  }
  return fields
}

/** `key=value` taken apart at the first mark. */
export function cut(text: string, mark = '='): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)]
}
