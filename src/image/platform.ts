import { EngineError } from '../base/errors.ts'
import type { Descriptor, Platform } from '../spec/oci-image.ts'

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  i386: '386',
}

/** The platform of this machine in OCI's words. */
export const hostPlatform = (): Platform => ({
  os: 'linux',
  architecture:
    ({ x64: 'amd64', ia32: '386', ppc64: 'ppc64le' } as Record<string, string>)[process.arch] ?? process.arch,
})

/**
 * `os/arch[/variant]`, or the operating system or architecture alone.
 *
 * @throws EngineError `invalid`
 */
export function parsePlatform(text: string, host: Platform): Platform {
  const parts = text.toLowerCase().split('/')
  if (parts.length > 3) throw new EngineError('invalid', `"${text}": cannot parse platform specifier: invalid argument`)
  for (const [i, part] of parts.entries()) checkPart(part, i === 0, text)
  const [first = '', second, variant] = parts
  if (second === undefined)
    return first === 'linux' ? host : { os: host.os, architecture: architectures[first] ?? first }
  return { os: first, architecture: architectures[second] ?? second, ...(variant ? { variant } : {}) }
}

function checkPart(part: string, isFirst: boolean, text: string): void {
  if (/^[a-z0-9_.-]+$/.test(part)) return
  const [what, pattern] = isFirst
    ? [
        'an invalid OS component',
        String.raw`OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$"`,
      ]
    : ['an invalid component', 'platform specifier component must match "^[A-Za-z0-9_.-]+$"']
  throw new EngineError('invalid', `"${part}" is ${what} of "${text}": ${pattern}: invalid argument`)
}

export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, variant].filter(Boolean).join('/')

const variantOf = ({ architecture, variant }: Platform): string =>
  variant ?? ({ arm64: 'v8', arm: 'v7' } as Record<string, string>)[architecture] ?? ''

/** How well `candidate` serves `wanted`: 0 not at all, higher is better. */
export function platformScore(wanted: Platform, candidate: Platform): number {
  if (candidate.os !== wanted.os) return 0
  const [want, have] = [variantOf(wanted), variantOf(candidate)]
  if (candidate.architecture === wanted.architecture) {
    if (want === have) return 100
    if (wanted.architecture === 'arm' && have < want) return 50 + Number(have.slice(1) || 0)
    return wanted.variant === undefined || (wanted.architecture === 'amd64' && have < want) ? 10 : 0
  }
  return wanted.architecture === 'amd64' && candidate.architecture === '386' ? 1 : 0
}

/** The best of an index's manifests; undefined when none will do. */
export function selectManifest(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const scored = manifests
    .filter(({ annotations }) => annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest')
    .map(manifest => ({ manifest, score: manifest.platform ? platformScore(wanted, manifest.platform) : 1 }))
    .filter(({ score }) => score > 0)
  return scored.sort((a, b) => b.score - a.score)[0]?.manifest
}
