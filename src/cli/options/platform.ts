import { ExitError } from '../errors.ts'

/** Refuses what can be no platform, with containerd's words. */
export function parsePlatform(text: string): readonly string[] {
  const parts = text.split('/')
  const fail = (why: string) => new ExitError(125, `error parsing specified platform: ${why}: invalid argument`)
  const [first = '', second = '', ...rest] = parts
  const components = [first, second, ...(rest.length ? [rest.join('/')] : [])].filter((_, at) => at < parts.length)
  for (const part of components)
    if (!/^[A-Za-z0-9_.-]+(\([^)]*\))?$/.test(part))
      throw fail(
        `${JSON.stringify(part)} is an invalid component of ${JSON.stringify(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$"`,
      )
  return parts
}
