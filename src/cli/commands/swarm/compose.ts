import { readFileSync } from 'node:fs'
import { ExitError } from '../../errors.ts'
import { openFailure } from '../../terminal/file.ts'

function composeText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new ExitError(1, `open ${file}: ${openFailure(error)}`)
  }
}

/** Complaints about the files come before those of the engine, as far as a glance can tell. */
export async function glanceAt(files: readonly string[] = []): Promise<void> {
  if (files.length === 0) throw new ExitError(1, 'Specify a Compose file (with --compose-file)')
  const { parse } = await import('yaml')
  for (const file of files) {
    const parsed: unknown = parse(composeText(file))
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
      throw new ExitError(1, 'top-level object must be a mapping')
  }
}
