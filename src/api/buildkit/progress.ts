import type { SolveProgress, VertexWarning } from '../../spec/engine-api/solver.ts'
import type { statusResponse } from './wire/control.ts'
import type { EncodableOf } from './wire/message.ts'

const text = (value: string) => Buffer.from(value)

const toWarning = ({ short, detail, source, ...rest }: VertexWarning) => ({
  ...rest,
  short: text(short),
  detail: detail.map(text),
  ...(source && {
    info: { filename: source.fileName, data: text(source.text), language: 'Dockerfile' },
    ranges: source.ranges.map(({ start, end }) => ({ start: { line: start }, end: { line: end } })),
  }),
})

export const toStatus = ({ warnings, ...rest }: SolveProgress): EncodableOf<typeof statusResponse> => ({
  ...rest,
  warnings: warnings?.map(toWarning),
})
