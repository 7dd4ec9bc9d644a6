import type { Cancellable } from '../base/cancellable.ts'
import type { CheckMessage, EventsOptions, SystemVerbs } from '../spec/engine-api/engine.ts'
import type { EventMessage } from '../spec/engine-api/system.ts'
import { jsonOf } from './containers.ts'
import { encodeFilters, seconds } from './encode.ts'
import { objectsOf } from './http.ts'
import type { Session } from './session.ts'

async function* events(
  session: Session,
  { filters, signal, since, until }: EventsOptions,
): AsyncGenerator<EventMessage> {
  const query = { filters: encodeFilters(filters), since: seconds(since), until: seconds(until) }
  const answer = await session.request({ method: 'GET', path: '/events', query, signal })
  yield* objectsOf(answer.body) as AsyncGenerator<EventMessage>
}

async function* check(
  session: Session,
  { repair, signal }: { readonly repair: boolean } & Cancellable,
): AsyncGenerator<CheckMessage> {
  const query = { repair: repair ? '1' : '0' }
  const answer = await session.request({ method: 'POST', path: '/berth/check', query, signal })
  yield* objectsOf(answer.body) as AsyncGenerator<CheckMessage>
}

export const systemVerbs = (session: Session): SystemVerbs => ({
  async ping() {
    return { builderVersion: (await session.negotiate()).builderVersion }
  },
  async version() {
    return jsonOf(await session.request({ method: 'GET', path: '/version' }))
  },
  async info() {
    return jsonOf(await session.request({ method: 'GET', path: '/info' }))
  },
  events: options => events(session, options),
  async diskUsage(kinds) {
    const query = { type: kinds.length ? kinds : undefined }
    return jsonOf(await session.request({ method: 'GET', path: '/system/df', query }))
  },
  check: options => check(session, options),
  async diskOwners() {
    return jsonOf(await session.request({ method: 'GET', path: '/berth/disk-owners' }))
  },
  async auth({ identityToken, password, serverAddress, username }) {
    const body = {
      ...(username ? { username } : {}),
      ...(password ? { password: password.reveal() } : {}),
      ...(serverAddress ? { serveraddress: serverAddress } : {}),
      ...(identityToken ? { identitytoken: identityToken.reveal() } : {}),
    }
    return jsonOf(await session.request({ method: 'POST', path: '/auth', body }))
  },
})
