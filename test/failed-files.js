// biome-ignore-all lint/style/noDefaultExport: node:test loads it so
/** A reporter of node:test: the files in which something failed, a line each. */
export default async function* failedFiles(events) {
  const files = new Set()
  for await (const { data, type } of events) if (type === 'test:fail' && data.file) files.add(data.file)
  for (const file of files) yield `${file}\n`
}
