import { spawn } from 'node:child_process'

/** New HTTP connections to a port of a namespace, one after the other, until the result is called: it counts what failed. */
export function hammer(netns: string, port: number, path = '/') {
  const script = `const { get } = require('http'); const count = { good: 0, bad: 0 }
    const once = () => get({ host: '127.0.0.1', port: ${port}, path: '${path}', agent: false, timeout: 900 }, r => {
      r.resume(); r.on('end', () => { count[r.statusCode === 200 ? 'good' : 'bad']++; setTimeout(once, 5) }) })
      .on('error', () => { count.bad++; setTimeout(once, 5) }).on('timeout', function () { this.destroy() })
    once(); process.on('SIGTERM', () => { console.log(JSON.stringify(count)); process.exit() })`
  const child = spawn('nsenter', [`--net=/run/netns/${netns}`, process.execPath, '-e', script])
  let output = ''
  child.stdout.on('data', data => (output += data))
  return async (): Promise<{ readonly good: number; readonly bad: number }> => {
    child.kill('SIGTERM')
    await new Promise(resolve => child.on('close', resolve))
    return JSON.parse(output)
  }
}
