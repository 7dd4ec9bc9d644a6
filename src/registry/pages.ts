import { formatSize } from '../base/size.ts'
import { OciError } from './errors.ts'
import type { Identity } from './identity.ts'
import { isRepositoryName, isTag } from './names.ts'
import type { ManifestRecord } from './repositories.ts'
import type { Context, Reply } from './request.ts'

/** Text, escaped when it is put into a page. */
type Html = { readonly html: string }

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const text = (value: unknown): string => String(value).replace(/[&<>"']/g, char => escapes[char]!)

function html(parts: TemplateStringsArray, ...values: readonly (Html | readonly Html[] | string | number)[]): Html {
  const render = (value: (typeof values)[number]): string => {
    if (Array.isArray(value)) return value.map(({ html }) => html).join('')
    return typeof value === 'object' ? (value as Html).html : text(value)
  }
  return { html: parts.map((part, i) => part + (i < values.length ? render(values[i]!) : '')).join('') }
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:0 auto;max-width:60rem;padding:1rem}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884}
td.n,th.n{text-align:right}code{font-size:.85em;overflow-wrap:anywhere}nav{margin-bottom:1rem}`
/** Nothing but its own style: no script, no picture, nothing from elsewhere. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const page = (title: string, body: Html): Reply => ({
  status: 200,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  },
  body: html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${{ html: style }}</style></head><body><nav><a href="/ui/">Repositories</a></nav><main>${body}</main></body></html>`
    .html,
})

/** `/ui/…`: repositories, tags and layers with their sizes, for people. What one may not pull is not there. */
export function servePage(context: Context, path: string, identity: Identity): Reply {
  const [, name = '', tag] = /^\/ui\/?([^:]*)(?::(.*))?$/s.exec(path) ?? []
  if (name === '') return repositoriesPage(context, identity)
  const isThere =
    isRepositoryName(name) && context.access.allows(identity, name, 'pull') && context.repositories.get(name)
  if (!isThere) throw new OciError('NAME_UNKNOWN')
  if (tag === undefined) return repositoryPage(context, name)
  const record = isTag(tag) ? context.repositories.findManifest(name, { tag }) : undefined
  if (!record) throw new OciError('MANIFEST_UNKNOWN')
  return tagPage(context, name, tag, record)
}

function repositoriesPage({ repositories, access }: Context, identity: Identity): Reply {
  const names = repositories.names().filter(name => access.allows(identity, name, 'pull'))
  const rows = names.toSorted().map(name => {
    const { tags, bytes } = repositories.get(name)!
    return html`<tr><td><a href="/ui/${name}">${name}</a></td><td class="n">${tags.size}</td><td class="n">${formatSize(bytes)}</td></tr>`
  })
  const table = html`<table><thead><tr><th>Repository</th><th class="n">Tags</th><th class="n">Size</th></tr></thead><tbody>${rows}</tbody></table>`
  return page('Repositories', html`<h1>Repositories</h1>${rows.length ? table : html`<p>Nothing here yet.</p>`}`)
}

function repositoryPage({ repositories }: Context, name: string): Reply {
  const { tags, manifests } = repositories.get(name)!
  const times = repositories.pushTimes(name)
  const rows = [...tags]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, digest]) => {
      const pushedAt = times.get(tag)
      const when = pushedAt ? new Date(pushedAt).toISOString().slice(0, 16).replace('T', ' ') : ''
      return html`<tr><td><a href="/ui/${name}:${tag}">${tag}</a></td><td class="n">${formatSize(sizeOf(manifests, digest))}</td><td>${when}</td><td><code>${digest.slice(7, 19)}</code></td></tr>`
    })
  const head = html`<tr><th>Tag</th><th class="n">Size</th><th>Pushed (UTC)</th><th>Digest</th></tr>`
  return page(name, html`<h1>${name}</h1><table><thead>${head}</thead><tbody>${rows}</tbody></table>`)
}

function tagPage({ repositories }: Context, name: string, tag: string, record: ManifestRecord): Reply {
  const { manifests } = repositories.get(name)!
  const children = record.manifests.map(({ digest }) => manifests.get(digest)).filter(child => child !== undefined)
  const images = record.manifests.length > 0 ? children : [record]
  const parts = images.map(({ digest, blobs }) => {
    const rows = blobs.map(
      (blob, i) =>
        html`<tr><td>${i === 0 ? 'config' : `layer ${i}`}</td><td><code>${blob.digest}</code></td><td class="n">${formatSize(blob.size)}</td></tr>`,
    )
    return html`<h2><code>${digest.slice(0, 19)}</code></h2><table><tbody>${rows}</tbody></table>`
  })
  const facts = html`<p>${record.mediaType}, ${formatSize(sizeOf(manifests, record.digest))}<br><code>${record.digest}</code></p>`
  return page(`${name}:${tag}`, html`<h1><a href="/ui/${name}">${name}</a>:${tag}</h1>${facts}${parts}`)
}

/** Bytes of all that a manifest needs. */
function sizeOf(manifests: ReadonlyMap<string, ManifestRecord>, digest: string): number {
  const record = manifests.get(digest)
  if (!record) return 0
  const own = record.blobs.reduce((sum, { size }) => sum + size, 0)
  return record.manifests.reduce(
    (sum, child) => sum + (child.digest === digest ? 0 : sizeOf(manifests, child.digest)),
    own,
  )
}
