import { bind, check } from './libc.ts'

const mkfifoCall = bind('int mkfifo(const char *path, unsigned int mode)')

export const makeFifo = (path: string, mode = 0o600): void => void check(mkfifoCall(path, mode), 'mkfifo', path)

const fcntl = bind('int fcntl(int fd, int command, int argument)')
const F_DUPFD_CLOEXEC = 1030

/** A second descriptor of the same open file. */
export const duplicate = (fd: number): number => check(fcntl(fd, F_DUPFD_CLOEXEC, 3), 'fcntl')
