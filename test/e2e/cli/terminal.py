"""Runs a program on a pseudo-terminal: waits for texts and types answers. Prints JSON: code, output, terminal flags."""
import fcntl, json, os, pty, select, struct, sys, termios, time

spec = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(spec["args"][0], spec["args"])

def size(rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

size(40, 100)
before = termios.tcgetattr(fd)[:4]
during = None
out, at, steps, end = b"", 0, spec["steps"], time.time() + spec.get("seconds", 20)
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.1)
    if ready:
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
    if steps and steps[0]["wait"].encode() in out[at:]:
        step = steps.pop(0)
        at = len(out)
        if step.get("look"):
            during = termios.tcgetattr(fd)[:4]
        if "rows" in step:
            size(step["rows"], step["columns"])
            time.sleep(0.4)
        time.sleep(step.get("pause", 0))
        if "type" in step:
            os.write(fd, step["type"].encode())
        if "signal" in step:
            os.kill(pid, step["signal"])
after = None
try:
    after = termios.tcgetattr(fd)[:4]
except termios.error:
    pass
status = None
for _ in range(40):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    time.sleep(0.1)
else:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    status = None
code = None if status is None else os.waitstatus_to_exitcode(status)
print(json.dumps({"code": code, "out": out.decode("utf-8", "replace"), "before": before, "during": during, "after": after}))
