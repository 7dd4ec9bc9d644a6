import { readFileSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'

interface HostMount {
  readonly point: string
  readonly flags: string
}

const unquote = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

const hostMounts = (): HostMount[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [fields = '', ,] = line.split(' - ')
      const words = fields.split(' ')
      return { point: unquote(words[4] ?? '/'), flags: words.slice(6).join(' ') }
    })

const covers = (point: string, path: string): boolean => point === '/' || path === point || path.startsWith(`${point}/`)

/** Mounts travel to or from the host only where the source's own mount lets them. @throws EngineError */
export function checkPropagation(source: string, propagation: string): void {
  const wants = propagation.replace(/^r/, '')
  if (wants !== 'shared' && wants !== 'slave') return
  const mount = hostMounts()
    .filter(({ point }) => covers(point, source))
    .reduce<HostMount | undefined>(
      (best, next) => (best && best.point.length > next.point.length ? best : next),
      undefined,
    )
  const isShared = /\bshared:/.test(mount?.flags ?? '')
  const isSlave = /\bmaster:/.test(mount?.flags ?? '')
  if (isShared || (wants === 'slave' && isSlave)) return
  const kind = wants === 'shared' ? 'shared' : 'shared or slave'
  throw new EngineError('internal', `path ${source} is mounted on ${mount?.point ?? '/'} but it is not a ${kind} mount`)
}
