/** Last argument of whatever may wait: give up when `signal` fires. */
export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}
