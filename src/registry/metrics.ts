import type { Context, Reply } from './request.ts'

/** Counts for Prometheus, since the start of the process. */
export class Metrics {
  readonly #requests = new Map<string, number>()
  #seconds = 0
  #sent = 0
  #freed = 0
  /** blobs that a check found damaged */
  damaged = 0

  count(method: string, status: number, seconds: number): void {
    const known = /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(method) ? method : 'other'
    const key = `method="${known}",code="${status}"`
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1)
    this.#seconds += seconds
  }

  sent(bytes: number): void {
    this.#sent += bytes
  }

  collected({ bytes }: { readonly bytes: number }): void {
    this.#freed += bytes
  }

  /** Spec: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
  toReply({ repositories, uploads }: Context): Reply {
    const lines = [
      '# TYPE berth_registry_requests_total counter',
      ...[...this.#requests].map(([labels, count]) => `berth_registry_requests_total{${labels}} ${count}`),
      '# TYPE berth_registry_request_seconds_total counter',
      `berth_registry_request_seconds_total ${this.#seconds}`,
      '# TYPE berth_registry_sent_bytes_total counter',
      `berth_registry_sent_bytes_total ${this.#sent}`,
      '# TYPE berth_registry_freed_bytes_total counter',
      `berth_registry_freed_bytes_total ${this.#freed}`,
      '# TYPE berth_registry_damaged_blobs_total counter',
      `berth_registry_damaged_blobs_total ${this.damaged}`,
      '# TYPE berth_registry_resident_bytes gauge',
      `berth_registry_resident_bytes ${process.memoryUsage.rss()}`,
      '# TYPE berth_registry_linked_bytes gauge',
      `berth_registry_linked_bytes ${repositories.names().reduce((sum, name) => sum + repositories.bytesOf(name), 0)}`,
      '# TYPE berth_registry_repositories gauge',
      `berth_registry_repositories ${repositories.names().length}`,
      '# TYPE berth_registry_uploads_open gauge',
      `berth_registry_uploads_open ${uploads.size}`,
    ]
    return { status: 200, headers: { 'Content-Type': 'text/plain; version=0.0.4' }, body: `${lines.join('\n')}\n` }
  }
}
