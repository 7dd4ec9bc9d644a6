import type { Digest } from '../digest.ts'

/** One output of an operation. */
export interface LowLevelEdge {
  readonly digest: Digest
  readonly index: number
}

export interface LowLevelUser {
  readonly byName?: { readonly name: string; readonly input: number } | undefined
  readonly byId?: number | undefined
}

export interface LowLevelOwner {
  readonly user?: LowLevelUser | undefined
  readonly group?: LowLevelUser | undefined
}

interface FileOption {
  readonly ID: string
  readonly uid: number
  readonly gid: number
  readonly mode: number
  readonly optional: boolean
}

export interface LowLevelMount {
  /** of the operation's inputs; -1 is nothing */
  readonly input: number
  readonly selector: string
  readonly dest: string
  /** what it becomes; -1 is lost */
  readonly output: number
  readonly readonly: boolean
  /** from 0: bind, secret, ssh, cache, tmpfs */
  readonly type: number
  readonly tmpfs?: { readonly size: number } | undefined
  readonly cache?: { readonly ID: string; readonly sharing: number } | undefined
  readonly secret?: FileOption | undefined
  readonly ssh?: FileOption | undefined
}

export interface LowLevelExec {
  readonly meta?:
    | {
        readonly args: readonly string[]
        readonly env: readonly string[]
        readonly cwd: string
        readonly user: string
        readonly extraHosts: readonly { readonly host: string; readonly ip: string }[]
        readonly hostname: string
        readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
        readonly cgroupParent: string
        readonly validExitCodes: readonly number[]
      }
    | undefined
  readonly mounts: readonly LowLevelMount[]
  /** from 0: default, host, none */
  readonly network: number
  /** from 0: sandbox, insecure */
  readonly security: number
  readonly secretEnv: readonly { readonly ID: string; readonly name: string; readonly optional: boolean }[]
}

export interface LowLevelCopy {
  readonly src: string
  readonly dest: string
  readonly owner?: LowLevelOwner | undefined
  /** -1 keeps it */
  readonly mode: number
  readonly modeText: string
  readonly followSymlink: boolean
  readonly dirCopyContents: boolean
  readonly unpack: boolean
  readonly createDestPath: boolean
  readonly allowWildcard: boolean
  readonly allowEmptyWildcard: boolean
  readonly timestamp: number
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly replace: boolean
}

interface Made {
  readonly path: string
  readonly mode: number
  readonly owner?: LowLevelOwner | undefined
  readonly timestamp: number
}

export interface LowLevelAction {
  /** of the operation's inputs, and behind them of what earlier actions made; -1 is nothing */
  readonly input: number
  readonly secondaryInput: number
  /** -1 is for later actions only */
  readonly output: number
  readonly copy?: LowLevelCopy | undefined
  readonly makeFile?: (Made & { readonly data: Uint8Array }) | undefined
  readonly makeDirectory?: (Made & { readonly makeParents: boolean }) | undefined
  readonly remove?:
    | { readonly path: string; readonly allowNotFound: boolean; readonly allowWildcard: boolean }
    | undefined
  readonly makeLink?:
    | { readonly oldPath: string; readonly newPath: string; readonly owner?: LowLevelOwner | undefined }
    | undefined
}

interface OneInput {
  readonly input: number
}

/** One operation of the low-level builder; exactly one kind of it is there, or none in the last of a graph. */
export interface LowLevelOp {
  readonly inputs: readonly LowLevelEdge[]
  readonly exec?: LowLevelExec | undefined
  readonly source?: { readonly identifier: string; readonly attributes: Readonly<Record<string, string>> } | undefined
  readonly file?: { readonly actions: readonly LowLevelAction[] } | undefined
  readonly build?: object | undefined
  readonly merge?: { readonly inputs: readonly OneInput[] } | undefined
  readonly diff?: { readonly lower?: OneInput | undefined; readonly upper?: OneInput | undefined } | undefined
  readonly platform?: { readonly OS: string; readonly Architecture: string; readonly Variant: string } | undefined
}

/** Operations by the digests of their messages, and which output is wanted. */
export interface LowLevelGraph {
  readonly ops: ReadonlyMap<
    Digest,
    { readonly op: LowLevelOp; readonly name: string | undefined; readonly ignoreCache: boolean }
  >
  /** undefined: no files at all */
  readonly result: LowLevelEdge | undefined
}

/** Identifier of a source that stands for a result which the engine has made before, and still holds. */
export const resultScheme = 'berth-result://'
