import { ExitError } from '../errors.ts'

export interface RestartPolicy {
  readonly Name: string
  readonly MaximumRetryCount: number
}

/** `on-failure:3` as the engine takes it. */
export function parseRestart(text: string, failureCode = 125): RestartPolicy {
  if (!text) return { Name: 'no', MaximumRetryCount: 0 }
  const [Name = '', count] = text.split(/:(.*)/s)
  if (!Name)
    throw new ExitError(
      failureCode,
      count === undefined
        ? 'invalid restart policy format: policy name cannot be empty'
        : 'invalid restart policy format: no policy provided before colon',
    )
  if (count !== undefined && !/^[+-]?\d+$/.test(count))
    throw new ExitError(failureCode, 'invalid restart policy format: maximum retry count must be an integer')
  return { Name, MaximumRetryCount: Number(count ?? 0) }
}
