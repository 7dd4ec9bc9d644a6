import { throwAll } from '../../errors.ts'

export const many = 'CONTAINER [CONTAINER...]'

/** Does `act` to each name, prints those that worked, fails with the messages of the rest. */
export async function each(
  names: readonly string[],
  print: (name: string) => void,
  act: (name: string) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(names.map(act))
  results.forEach((result, at) => {
    if (result.status === 'fulfilled') print(names[at]!)
  })
  throwAll(results.flatMap(result => (result.status === 'rejected' ? [result.reason] : [])))
}
