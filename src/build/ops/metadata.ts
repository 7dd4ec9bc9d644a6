import { constants } from 'node:os'
import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { commandOf, envOf, metadata, type Op, quotedList, type StageView } from './op.ts'

const pairsOf = (pairs: readonly (readonly [string, string | undefined])[], expand: (word: string) => string) =>
  pairs.map(([name, value]) => [expand(name), expand(value ?? '')] as const)

/** As Go writes a map: the same settings give the same bytes. */
const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

export const env: Op = ({ pairs }, stage) => {
  const given = pairsOf(pairs, stage.expand)
  const all = new Map([...envOf(stage.config), ...given])
  const comment = ['ENV', ...given.map(([name, value]) => `${name}=${value}`)].join(' ')
  return metadata(stage, comment, { Env: [...all].map(([name, value]) => `${name}=${value}`) })
}

export const label: Op = ({ pairs }, stage) => {
  const given = pairsOf(pairs, stage.expand)
  const comment = ['LABEL', ...given.map(([name, value]) => `${name}=${value}`)].join(' ')
  return metadata(stage, comment, { Labels: sorted({ ...stage.config.Labels, ...Object.fromEntries(given) }) })
}

/** Values are expanded before any of them is declared. */
export const arg: Op = ({ pairs }, stage) => {
  const values = pairs.map(([name, raw]) => [name, raw === undefined ? undefined : stage.expand(raw)] as const)
  for (const [name, value] of values) stage.args.declare(name, value)
  const texts = values.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
  const shown = values.map(([name]) => [name, stage.args.get(name)].filter(each => each !== undefined).join('='))
  return metadata(stage, `ARG ${texts.join(' ')}`, {}, `ARG ${shown.join(' ')}`)
}

export const cmd: Op = (instruction, stage) => {
  const Cmd = commandOf(instruction, stage.config)
  const escaped = stage.dialect === 'buildkit' ? { ArgsEscaped: true } : {}
  const isNone = stage.dialect === 'buildkit' && Cmd.length === 0
  return metadata(stage, `CMD ${quotedList(Cmd)}`, { Cmd: isNone ? null : Cmd, ...escaped })
}

export const entrypoint: Op = (instruction, stage) => {
  const Entrypoint = instruction.args.length === 0 ? [] : commandOf(instruction, stage.config)
  const inherited = stage.hasCmd ? {} : { Cmd: null }
  return metadata(stage, `ENTRYPOINT ${quotedList(Entrypoint)}`, {
    ...inherited,
    Entrypoint: Entrypoint.length ? Entrypoint : null,
  })
}

export const expose: Op = ({ args }, stage) => {
  const ports = args.flatMap(word => stage.expand(word).split(/\s+/)).filter(Boolean)
  const comment = `EXPOSE ${[...ports].sort().join(' ')}`
  const names = ports.flatMap(port => portKeys(port, stage.dialect))
  const ExposedPorts = sorted({ ...stage.config.ExposedPorts, ...Object.fromEntries(names.map(key => [key, {}])) })
  return metadata(stage, comment, { ExposedPorts }, `EXPOSE [${[...names].sort().join(' ')}]`)
}

function portKeys(text: string, dialect: StageView['dialect']): readonly string[] {
  const [range = '', protocol = 'tcp'] = text.split('/')
  const container = range.split(':').at(-1)!
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(container) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (first === '' || from > to || to > 65535)
    throw new EngineError('invalid', `${dialect === 'classic' ? 'Invalid' : 'invalid'} containerPort: ${container}`)
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase()))
    throw new EngineError('invalid', `Invalid proto: ${protocol}`)
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/${protocol.toLowerCase()}`)
}

export const volume: Op = ({ args }, stage) => {
  const paths = args.map(path => stage.expand(path).trim())
  if (paths.includes('')) throw new EngineError('invalid', 'VOLUME specified can not be an empty string')
  const Volumes = sorted({ ...stage.config.Volumes, ...Object.fromEntries(paths.map(path => [path, {}])) })
  return metadata(stage, `VOLUME [${paths.join(' ')}]`, { Volumes })
}

export const user: Op = ({ args }, stage) => {
  const User = stage.expand(args[0]!)
  return metadata(stage, `USER ${User}`, { User })
}

export const stopSignal: Op = ({ args }, stage) => {
  const StopSignal = stage.expand(args[0]!)
  const name = StopSignal.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  const isKnown = /^\d+$/.test(StopSignal)
    ? Number(StopSignal) > 0 && Number(StopSignal) <= 64
    : name in constants.signals || /^SIGRTM(IN(\+([1-9]|1[0-5]))?|AX(-([1-9]|1[0-4]))?)$/.test(name)
  if (!isKnown) throw new EngineError('invalid', `invalid signal: ${StopSignal}`)
  return metadata(stage, `STOPSIGNAL ${StopSignal}`, { StopSignal })
}

export const shell: Op = ({ args }, stage) => ({
  ...metadata(stage, '', { Shell: args }, `SHELL [${args.join(' ')}]`),
  createdBy: `${args.join(' ')} #(nop)  SHELL [${args.join(' ')}]`,
})

export const onBuild: Op = ({ args }, stage) =>
  metadata(stage, `ONBUILD ${args[0]}`, { OnBuild: [...(stage.config.OnBuild ?? []), args[0]!] }, '')

export const maintainer: Op = ({ args }, stage) => ({
  ...metadata(stage, `MAINTAINER ${args[0]}`, {}),
  author: args[0]!,
})

/** `path` as WORKDIR and destinations take it: relative to the working directory. */
export const absolutePath = (path: string, workdir: string | undefined): string =>
  posix.resolve('/', workdir ?? '', path)
