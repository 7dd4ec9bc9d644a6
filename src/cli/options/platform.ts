import { ExitError } from '../errors.ts'

/** Refuses what can be no platform in the words of commands that take one of an image; `say` adds what was asked. */
export function checkPlatform(text: string, say = (why: string) => `invalid platform: ${why}`): string {
  const fail = (why: string) => new ExitError(1, say(`${JSON.stringify(text)}: ${why}: invalid argument`))
  const parts = text.split('/')
  if (parts.length > 3) throw fail('cannot parse platform specifier')
  for (const part of parts)
    if (!/^[A-Za-z0-9_.-]+(\([^)]*\))?$/.test(part))
      throw fail(
        `${JSON.stringify(part)} is an invalid component of ${JSON.stringify(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$"`,
      )
  return text
}

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
