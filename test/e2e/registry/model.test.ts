import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningServer, sha256, startOurs, temporaryDir } from './lab.ts'

const type = 'application/vnd.oci.image.manifest.v1+json'

/** A generator of numbers below `n` that always gives the same. */
function seeded(seed: number): (n: number) => number {
  let state = seed
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

/** One client with tags of its own; layers it shares with all others. */
class Client {
  readonly #below: (n: number) => number
  readonly #repository: string
  /** what each tag must be: the digests that are possible, undefined for none */
  readonly known = new Map<string, readonly (string | undefined)[]>()
  base = ''
  acknowledged = 0

  constructor(number: number) {
    this.#below = seeded(number)
    this.#repository = `r${number % 3}`
    for (let i = 0; i < 3; i++) this.known.set(`c${number}-${i}`, [undefined])
  }

  /** Works until the server dies. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const tag = [...this.known.keys()][this.#below(3)]!
      const before = this.known.get(tag)!
      try {
        if (this.#below(4) === 0) await this.#remove(tag, before)
        else await this.#push(tag, before)
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        return // cut off
      }
    }
  }

  async #push(tag: string, before: readonly (string | undefined)[]): Promise<void> {
    const layers = [0, 1].map(() => `layer ${this.#below(6)} `.repeat(20_000))
    const config = JSON.stringify({ tag, n: this.#below(3) })
    for (const bytes of [...layers, config]) await this.#blob(bytes)
    const describe = (bytes: string) => ({ mediaType: 'x/y', digest: sha256(bytes), size: bytes.length })
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: describe(config),
      layers: layers.map(describe),
    })
    this.known.set(tag, [...before, sha256(manifest)])
    const url = `${this.base}/${this.#repository}/manifests/${tag}`
    const answer = await fetch(url, { method: 'PUT', body: manifest, headers: { 'Content-Type': type } })
    const text = await answer.text()
    // the grace was shorter than the push took: the client is told
    if (text.includes('MANIFEST_BLOB_UNKNOWN')) this.known.set(tag, before)
    else assert.equal(answer.status, 201, text)
    if (answer.status === 201) this.#settle(tag, sha256(manifest))
  }

  async #blob(bytes: string): Promise<void> {
    const url = `${this.base}/${this.#repository}/blobs/uploads/?digest=${sha256(bytes)}`
    const answer = await fetch(url, { method: 'POST', body: bytes })
    await answer.arrayBuffer()
    assert.equal(answer.status, 201)
  }

  async #remove(tag: string, before: readonly (string | undefined)[]): Promise<void> {
    this.known.set(tag, [...before, undefined])
    const answer = await fetch(`${this.base}/${this.#repository}/manifests/${tag}`, { method: 'DELETE' })
    await answer.arrayBuffer()
    assert.ok([202, 404].includes(answer.status), `${answer.status}`)
    this.#settle(tag, undefined)
  }

  #settle(tag: string, digest: string | undefined): void {
    this.known.set(tag, [digest])
    this.acknowledged++
  }

  /** Everything that was acknowledged is there as a whole; what was cut off happened or did not. */
  async check(): Promise<void> {
    for (const [tag, possible] of this.known) {
      const answer = await fetch(`${this.base}/${this.#repository}/manifests/${tag}`)
      const text = await answer.text()
      const found = answer.status === 404 ? undefined : sha256(text)
      assert.ok(possible.includes(found), `${tag} is ${found} instead of ${possible}`)
      if (found) for (const blob of blobsIn(text)) await this.#checkBlob(blob)
      this.known.set(tag, [found])
    }
  }

  async #checkBlob(digest: string): Promise<void> {
    const answer = await fetch(`${this.base}/${this.#repository}/blobs/${digest}`)
    assert.equal(sha256(Buffer.from(await answer.arrayBuffer())), digest)
  }

  async removeAll(): Promise<void> {
    for (const tag of this.known.keys())
      await fetch(`${this.base}/${this.#repository}/manifests/${tag}`, { method: 'DELETE' }).then(a => a.arrayBuffer())
  }
}

function blobsIn(manifest: string): readonly string[] {
  const { config, layers } = JSON.parse(manifest) as { config: { digest: string }; layers: { digest: string }[] }
  return [config, ...layers].map(({ digest }) => digest)
}

test('killed while clients push and garbage is collected, again and again: nothing acknowledged is lost', async () => {
  using dir = temporaryDir()
  const root = join(dir.path, 'root')
  const settings = { gcIntervalSeconds: 0.05, gcGraceSeconds: 0.3, gcUntagged: true, scrubIntervalSeconds: 0 }
  const clients = Array.from({ length: 6 }, (_, i) => new Client(i))
  const open = async (): Promise<RunningServer> => {
    const ours = await startOurs(root, settings)
    for (const client of clients) client.base = `http://${ours.host}/v2`
    return ours
  }
  for (let round = 0; round < 3; round++) {
    await using ours = await open()
    let isOver = false
    const work = clients.map(client => client.run(() => isOver))
    await sleep(900 + 300 * round)
    ours.process.kill('SIGKILL')
    await once(ours.process, 'exit')
    isOver = true
    await Promise.all(work)
    await using again = await open()
    for (const client of clients) await client.check()
    again.process.kill('SIGTERM')
    await once(again.process, 'exit')
  }
  assert.ok(clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0) > 30)
  await using ours = await open()
  for (const client of clients) await client.removeAll()
  const left = () => readdirSync(join(root, 'blobs/sha256')).length
  for (let i = 0; i < 60 && left() > 0; i++) await sleep(50)
  assert.equal(left(), 0, 'every byte comes back')
  assert.equal(readdirSync(join(root, 'ingest')).length, 0)
  assert.ok(ours)
})
