import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** Whether `-v` names a folder inside only: an anonymous volume. */
export const isAnonymous = (text: string): boolean => !text.replace(/^[a-zA-Z]:/, '').includes(':')

/** `-v source:target[:mode]` with a source that does not depend on where we are; nothing for an anonymous one. */
export function toBind(text: string): readonly string[] {
  if (isAnonymous(text)) return []
  const [source = '', ...rest] = text.split(':')
  if (source.startsWith('.')) return [[resolve(source), ...rest].join(':')]
  return [source.startsWith('~/') ? [source.replace('~', homedir()), ...rest].join(':') : text]
}
