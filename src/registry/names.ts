import { type Digest, isDigest } from '../spec/digest.ts'
import { OciError } from './errors.ts'

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const namePattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** No path trick survives this: dots and slashes stand between letters and digits only. */
export const isRepositoryName = (text: string): boolean => text.length <= 255 && namePattern.test(text)

export const isTag = (text: string): boolean => tagPattern.test(text)

/** @throws OciError `NAME_INVALID` */
export function checkName(text: string): string {
  if (!isRepositoryName(text)) throw new OciError('NAME_INVALID', { name: text.slice(0, 300) })
  return text
}

/** @throws OciError `DIGEST_INVALID`, also for algorithms other than sha256 */
export function checkDigest(text: string | null): Digest {
  if (!text || !isDigest(text)) throw new OciError('DIGEST_INVALID', {})
  return text
}

/** A tag or a digest, told apart by the colon. */
export function checkReference(text: string): { readonly tag?: string; readonly digest?: Digest } {
  if (text.includes(':')) return { digest: checkDigest(text) }
  if (!isTag(text)) throw new OciError('TAG_INVALID', { Tag: text.slice(0, 200) })
  return { tag: text }
}
