/** `count` ids from `inside` a user namespace on are those from `outside` on to everybody else. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

export interface IdRanges {
  readonly uids: readonly IdRange[]
  readonly gids: readonly IdRange[]
}
