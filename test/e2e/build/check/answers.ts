// biome-ignore-all lint/suspicious/noExplicitAny: answers of whatever shape
type Json = Record<string, any>

const lineOf = (each: Json): number => each.location?.ranges?.[0]?.start?.line ?? 0

/** What a check said, without the file itself; warnings of one line in no order. */
export function plainCheck({ warnings, buildError }: Json) {
  const lines = (warnings ?? []).map(
    (each: Json) =>
      `${String(lineOf(each)).padStart(3)} ${each.ruleName}: ${each.detail} (${each.description}, ${each.url})`,
  )
  return { warnings: lines.sort(), ...(buildError && { error: `${lineOf(buildError)} ${buildError.message}` }) }
}

/** Without the file itself. */
export function plainOutline({ sources: _, ...rest }: Json): Json {
  return rest
}
