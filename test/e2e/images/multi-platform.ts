import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { tarEntry } from '../../../src/archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../../../src/archive/tar-header.ts'
import { digestOf } from '../../../src/spec/digest.ts'
import { type Descriptor, mediaTypes } from '../../../src/spec/oci-image.ts'

/** A layer with one file. */
export function layerOf(name: string, text: string | Buffer): { readonly tar: Buffer; readonly packed: Buffer } {
  const bytes = Buffer.from(text)
  const header = encodeTarHeader(tarEntry(name, { size: bytes.length }))
  const tar = Buffer.concat([header, bytes, tarPadding(bytes.length), tarTrailer])
  return { tar, packed: gzipSync(tar, { level: 1 }) }
}

/** Speaks the protocol by hand, so that a test decides over every byte. */
export class Uploader {
  readonly #base: string

  /** @param host `host:port`, spoken to without TLS */
  constructor(host: string, repository: string) {
    this.#base = `http://${host}/v2/${repository}`
  }

  async blob(bytes: Buffer, mediaType: string): Promise<Descriptor> {
    const digest = digestOf(bytes)
    const started = await fetch(`${this.#base}/blobs/uploads/`, { method: 'POST' })
    const url = new URL(started.headers.get('location')!, this.#base)
    url.searchParams.set('digest', digest)
    const headers = { 'Content-Type': 'application/octet-stream' }
    assert.equal((await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) })).status, 201)
    return { mediaType, digest, size: bytes.length }
  }

  async manifest(value: object, mediaType: string, tag?: string): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value }))
    const digest = digestOf(bytes)
    const url = `${this.#base}/manifests/${tag ?? digest}`
    const headers = { 'Content-Type': mediaType }
    assert.equal((await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) })).status, 201)
    return { mediaType, digest, size: bytes.length }
  }

  /** An image with a single small layer. */
  async image(architecture: string, tag?: string): Promise<Descriptor> {
    const { tar, packed } = layerOf(`arch-${architecture}`, architecture.repeat(1000))
    const layer = await this.blob(packed, mediaTypes.ociLayerGzip)
    const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] }
    const config = Buffer.from(JSON.stringify({ architecture, os: 'linux', config: { Cmd: ['sh'] }, rootfs }))
    return await this.manifest(
      { config: await this.blob(config, mediaTypes.ociConfig), layers: [layer] },
      mediaTypes.ociManifest,
      tag,
    )
  }

  /** An index of images, each with a statement about it, as buildx pushes them. */
  async index(architectures: readonly string[], tag: string): Promise<Descriptor> {
    const images: Descriptor[] = []
    const attestations: Descriptor[] = []
    for (const architecture of architectures) {
      const image = await this.image(architecture)
      images.push({ ...image, platform: { architecture, os: 'linux' } })
      attestations.push(await this.#attestation(image.digest))
    }
    return await this.manifest({ manifests: [...images, ...attestations] }, mediaTypes.ociIndex, tag)
  }

  async #attestation(subject: string): Promise<Descriptor> {
    const statement = await this.blob(Buffer.from(`{"subject":"${subject}"}`), 'application/vnd.in-toto+json')
    const rootfs = { type: 'layers', diff_ids: [statement.digest] }
    const text = JSON.stringify({ architecture: 'unknown', os: 'unknown', rootfs })
    const config = await this.blob(Buffer.from(text), mediaTypes.ociConfig)
    const manifest = await this.manifest({ config, layers: [statement] }, mediaTypes.ociManifest)
    const annotations = {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': subject,
    }
    return { ...manifest, platform: { architecture: 'unknown', os: 'unknown' }, annotations }
  }
}
