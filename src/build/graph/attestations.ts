import type { Attestation } from '../../image/compose.ts'
import type { Exporting } from './export.ts'
import type { BuiltImage } from './job.ts'
import { imagePurl, provenanceOf } from './provenance.ts'
import { sbomOf } from './sbom.ts'

/**
 * Statements about each image. Clients ask for provenance unless they are told not to: what stays in this engine goes
 * without, then.
 */
export async function attestationsTo(
  exporting: Exporting,
  images: readonly BuiltImage[],
  names: readonly string[],
  leaves: boolean,
): Promise<readonly (readonly Attestation[])[]> {
  const { options } = exporting
  const provenance = options.attestations.get('provenance')
  const sbom = options.attestations.get('sbom')
  const wantsProvenance = provenance && (leaves || provenance['inline-only'] !== 'true')
  const all: Attestation[][] = []
  for (const image of images) {
    const subjects = names.map(name => imagePurl(name, image.platform))
    const statements = [
      ...(wantsProvenance ? [provenanceOf(image, options, provenance)] : []),
      ...(sbom ? await sbomOf(exporting, image, sbom) : []),
    ]
    all.push(statements.map(statement => ({ ...statement, names: subjects })))
  }
  return all
}
