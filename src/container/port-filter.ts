import { EngineError, messageOf } from '../base/errors.ts'
import { integerProblem, uint16 } from '../base/strconv.ts'
import { portsOf } from './ports.ts'
import type { ContainerRecord } from './record.ts'

function toPort(text: string): number {
  const problem = integerProblem(text, uint16)
  if (problem) throw new Error(`strconv.ParseUint: ${problem}`)
  return Number(text)
}

function toRange(text: string): readonly [number, number] {
  if (text === '') throw new Error('Empty string specified for ports.')
  const [first = '', last = first] = text.split('-')
  const range = [toPort(first), toPort(last)] as const
  if (range[1] < range[0]) throw new Error(`Invalid range specified for the Port: ${text}`)
  return range
}

/**
 * The filters `publish` and `expose`, which ask what a running container has; a port that is only exposed is published
 * as 0.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function portMatcher(key: 'publish' | 'expose', wanted: string): (record: ContainerRecord) => boolean {
  const [text = '', protocol = 'tcp'] = wanted.split('/')
  const [low, high] = parse(key, wanted, text)
  return record =>
    portsOf(record).some(({ PublicPort = 0, PrivatePort = 0, Type }) => {
      const port = key === 'publish' ? PublicPort : PrivatePort
      return Type === protocol && port >= low && port <= high
    })
}

function parse(key: string, wanted: string, text: string): readonly [number, number] {
  try {
    return toRange(text)
  } catch (cause) {
    throw new EngineError('invalid', `error while looking up for ${key} ${wanted}: ${messageOf(cause)}`, { cause })
  }
}
