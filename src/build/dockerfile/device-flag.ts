import { EngineError } from '../../base/errors.ts'

/** One `--device` of RUN. */
export interface DeviceFlag {
  /** `vendor.com/class=name` */
  readonly name: string
  /** false: the step runs without it where it is missing */
  readonly required: boolean
}

const qualified = /^[a-zA-Z][\w.-]*\/[a-zA-Z][\w-]*=[a-zA-Z0-9][\w.:-]*$/

/** @throws EngineError `invalid` */
export function parseDevice(text: string): DeviceFlag {
  const [first = '', ...fields] = text.split(',').map(field => field.trim())
  const name = first.startsWith('name=') ? first.slice('name='.length) : first
  let required = true
  for (const field of fields) {
    const [key = '', value] = field.split('=', 2)
    if (key.toLowerCase() !== 'required') throw new EngineError('invalid', `unexpected key '${key}' in '${field}'`)
    required = value === undefined || /^(1|t|true)$/i.test(value)
  }
  if (!qualified.test(name)) throw new EngineError('invalid', `unqualified device ${JSON.stringify(name)}`)
  return { name, required }
}
