import { parseReference } from '../../spec/reference.ts'

/** Refuses what can be no image's name. */
export function imageName(text: string): string {
  parseReference(text)
  return text
}
