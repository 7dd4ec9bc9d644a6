// Field numbers of what a client serves on its session: https://github.com/moby/buildkit/tree/master/session
import { bytes, int, message, string, stringList } from './message.ts'

export const credentialsRequest = message({ Host: string(1) })
export const credentialsResponse = message({ Username: string(1), Secret: string(2) })
export const tokenRequest = message({
  ClientID: string(1),
  Host: string(2),
  Realm: string(3),
  Service: string(4),
  Scopes: stringList(5),
})
export const tokenResponse = message({ Token: string(1), ExpiresIn: int(2), IssuedAt: int(3) })
export const secretRequest = message({ ID: string(1) })
export const secretResponse = message({ data: bytes(1) })
export const agentRequest = message({ ID: string(1) })
export const healthRequest = message({ service: string(1) })
export const healthResponse = message({ status: int(1) })
