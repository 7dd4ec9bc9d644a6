import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type * as aws from '@aws-sdk/client-s3'
import type * as storage from '@aws-sdk/lib-storage'

/** Where objects lie. Credentials come from where the AWS SDK looks for them: environment, profile, role. */
export interface S3Settings {
  readonly bucket: string
  /** in front of every key, such as `registry/` */
  readonly prefix?: string
  /** of a server that is not Amazon's: `https://host:port`, with the bucket in the path */
  readonly endpoint?: string
  readonly region?: string
}

export interface Sdk {
  readonly client: aws.S3Client
  readonly s3: typeof aws
  readonly storage: typeof storage
}

/** Loaded by those who use it only: the SDK is large. */
export async function loadSdk({ endpoint, region = 'us-east-1' }: S3Settings): Promise<Sdk> {
  const [s3, lib] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')])
  const client = new s3.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // servers that are not Amazon's know no checksums in trailers; every blob is checked by its digest anyway
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return { client, s3, storage: lib }
}

/** What is larger goes in parts. */
const partBytes = 16 << 20

export interface ObjectState {
  /** changes whenever the object does */
  readonly etag: string
  readonly size: number
  /** milliseconds since 1970 */
  readonly modifiedAt: number
}

/** Small objects of a bucket, by keys below the prefix of the settings. Every call sees what was written before it, by anybody. */
export class S3Objects {
  readonly #settings: S3Settings
  readonly #sdk: Promise<Sdk>

  constructor(settings: S3Settings) {
    this.#settings = settings
    this.#sdk = loadSdk(settings)
    this.#sdk.catch(() => {})
  }

  /** All objects below `prefix`. */
  async list(prefix: string): Promise<Map<string, ObjectState>> {
    const { client, s3 } = await this.#sdk
    const found = new Map<string, ObjectState>()
    const own = this.#settings.prefix ?? ''
    const place = { Bucket: this.#settings.bucket, Prefix: own + prefix }
    for await (const page of s3.paginateListObjectsV2({ client }, place))
      for (const { ETag = '', Key = '', LastModified, Size = 0 } of page.Contents ?? [])
        found.set(Key.slice(own.length), { etag: ETag, size: Size, modifiedAt: LastModified?.getTime() ?? 0 })
    return found
  }

  /** Its text, undefined when somebody has deleted it. */
  async get(key: string): Promise<string | undefined> {
    const { client, s3 } = await this.#sdk
    try {
      const { Body } = await client.send(new s3.GetObjectCommand(this.#object(key)))
      return await Body!.transformToString()
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined
      throw error
    }
  }

  async has(key: string): Promise<boolean> {
    return (await this.list(key)).has(key)
  }

  /** Writes it, and tells its etag. */
  async put(key: string, text: string): Promise<string> {
    const { client, s3 } = await this.#sdk
    const { ETag = '' } = await client.send(new s3.PutObjectCommand({ ...this.#object(key), Body: text }))
    return ETag
  }

  async putFile(key: string, path: string, size: number): Promise<void> {
    const { client, s3, storage } = await this.#sdk
    const Body = createReadStream(path, { highWaterMark: 1 << 20, end: size - 1 })
    if (size <= partBytes)
      await client.send(new s3.PutObjectCommand({ ...this.#object(key), Body, ContentLength: size }))
    else await new storage.Upload({ client, params: { ...this.#object(key), Body }, partSize: partBytes }).done()
  }

  async stream(key: string): Promise<Readable> {
    const { client, s3 } = await this.#sdk
    const { Body } = await client.send(new s3.GetObjectCommand(this.#object(key)))
    return Body as Readable
  }

  /** Deleting what is not there succeeds. */
  async delete(key: string): Promise<undefined> {
    const { client, s3 } = await this.#sdk
    await client.send(new s3.DeleteObjectCommand(this.#object(key)))
    return undefined
  }

  #object(key: string) {
    return { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix ?? ''}${key}` }
  }
}
