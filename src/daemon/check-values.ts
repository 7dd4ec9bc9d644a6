import { ConfigError, listValue, stringValue, type Values } from './config.ts'

const refuse = (text: string): never => {
  throw new ConfigError(text)
}

/** Only the driver of control groups can be chosen; Berth has one. */
function checkExecOption(option: string): void {
  const [key, value] = option.split('=', 2)
  if (value === undefined) refuse(`invalid exec-opt (${option}): must be formatted 'opt=value'`)
  if (key !== 'native.cgroupdriver') refuse(`invalid exec-opt (${option}): unknown option: '${key}'`)
  if (value !== 'cgroupfs' && value !== 'systemd' && value !== '')
    refuse(`option native.cgroupdriver: invalid cgroup driver "${value}"`)
}

function checkNumbers(values: Values): void {
  const limits = {
    mtu: 'default MTU',
    'max-concurrent-downloads': 'max concurrent downloads',
    'max-concurrent-uploads': 'max concurrent uploads',
    'max-download-attempts': 'max download attempts',
  }
  for (const [key, words] of Object.entries(limits))
    if (Number(values[key] ?? 0) < 0) refuse(`invalid ${words}: ${values[key]}`)
}

/** Asking for these and not getting them would be worse than not starting. */
function refuseMissing(values: Values): void {
  if (listValue(values, 'authorization-plugins').length)
    refuse('authorization plugins are not supported: the API would be open to whoever they keep out')
  if (values.rootless) refuse('rootless mode is not supported')
  if (values['cpu-rt-period'] || values['cpu-rt-runtime'])
    refuse('daemon-scoped cpu-rt-period and cpu-rt-runtime are not supported: set them for each container')
}

/**
 * Looks through values that Docker looks through before it starts.
 *
 * @throws ConfigError for what is wrong, or asks for what is not here and cannot be left out
 */
export function checkValues(values: Values): void {
  checkNumbers(values)
  for (const option of listValue(values, 'exec-opts')) checkExecOption(option)
  const format = stringValue(values, 'log-format', 'text')
  if (format !== 'text' && format !== 'json') refuse(`invalid log format: ${format}`)
  refuseMissing(values)
}
