import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error: has no types
import S3rver from 's3rver'

export interface TestBucket extends AsyncDisposable {
  readonly endpoint: string
  readonly bucket: string
  readonly dir: string
}

/** A server of the S3 protocol with one bucket, which checks who signs; the environment gets its credentials. */
export async function startS3(): Promise<TestBucket> {
  const dir = mkdtempSync(join(tmpdir(), 's3-'))
  const bucket = 'registry'
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: dir, configureBuckets: [{ name: bucket }] }
  const server = new S3rver(options)
  const { port } = await server.run()
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER'
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER'
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    dir: join(dir, bucket),
    async [Symbol.asyncDispose]() {
      await server.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
