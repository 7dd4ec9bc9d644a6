import type { Values } from './config.ts'

const kindOf = (path: string) => (/crun$/.test(path) ? 'crun' : /runc$/.test(path) ? 'runc' : 'other')

/** `runtimes` of daemon.json and `--add-runtime`, by name. */
export const addedRuntimes = (values: Values) =>
  Object.entries(values.runtimes ?? {}).map(([name, value]) => {
    const { path, runtimeArgs: args = [] } =
      typeof value === 'string' ? { path: value } : (value as { path: string; runtimeArgs?: string[] })
    return [name, { kind: kindOf(path), path, args } as const] as const
  })
