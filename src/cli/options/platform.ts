import { ExitError } from '../errors.ts'

/** Refuses what can be no platform, with containerd's words. */
export function parsePlatform(text: string): readonly string[] {
  const parts = text.split('/')
  const fail = (why: string) => new ExitError(125, `error parsing specified platform: ${why}: invalid argument`)
  const components = parts.length > 4 ? [...parts.slice(0, 3), parts.slice(3).join('/')] : parts
  for (const part of components)
    if (!/^[A-Za-z0-9_.-]+(\([^)]*\))?$/.test(part))
      throw fail(
        `${JSON.stringify(part)} is an invalid component of ${JSON.stringify(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$"`,
      )
  return parts
}
