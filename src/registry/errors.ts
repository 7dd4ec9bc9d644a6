/** Code → status and text. Spec: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const codes = {
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_INVALID: [404, 'blob upload invalid'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  DIGEST_INVALID: [400, 'provided digest did not match uploaded content'],
  MANIFEST_BLOB_UNKNOWN: [400, 'blob unknown to registry'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
  RANGE_INVALID: [416, 'invalid content range'],
  SIZE_INVALID: [400, 'provided length did not match content length'],
  TAG_INVALID: [400, 'manifest tag did not match URI'],
  UNAUTHORIZED: [401, 'authentication required'],
  DENIED: [403, 'requested access to the resource is denied'],
  UNSUPPORTED: [405, 'The operation is unsupported.'],
  TOOMANYREQUESTS: [429, 'too many requests'],
  UNKNOWN: [500, 'unknown error'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type OciCode = keyof typeof codes

export interface OciErrorOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** An error that the client reads: one OCI code, its text and details. */
export class OciError extends Error {
  readonly code: OciCode
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(code: OciCode, detail?: unknown, { status = codes[code][0], headers = {} }: OciErrorOptions = {}) {
    super(codes[code][1])
    this.name = 'OciError'
    this.code = code
    this.status = status
    this.detail = detail
    this.headers = headers
  }

  toJson(): string {
    const detail = this.detail === undefined ? {} : { detail: this.detail }
    return JSON.stringify({ errors: [{ code: this.code, message: this.message, ...detail }] })
  }
}
