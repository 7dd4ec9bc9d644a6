import { command } from '../../command.ts'

export const dialStdio = command({
  usage: '',
  summary: "Join standard input and output to the engine's socket",
  maxArgs: 0,
  hidden: true,
  flags: {},
  async run({ engine, out }) {
    const socket = await engine.dial()
    process.stdin.on('data', chunk => {
      if (socket.write(chunk)) return
      process.stdin.pause()
      socket.once('drain', () => process.stdin.resume())
    })
    process.stdin.on('end', () => socket.end())
    for await (const chunk of socket) out.write(chunk as Uint8Array)
  },
})
