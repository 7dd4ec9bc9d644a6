"""What people do with docker-py, against the engine that DOCKER_HOST names; IMAGE has a busybox in it."""
import io
import os
import tarfile
import time

import docker

image = os.environ["IMAGE"]
client = docker.from_env()
assert client.ping()
assert client.containers.run(image, "echo hello", remove=True) == b"hello\n"

box = client.containers.run(
    image,
    ["sh", "-c", "echo out; echo err >&2; sleep 1000"],
    detach=True,
    name="py",
    ports={"80/tcp": None},
    environment={"A": "b"},
    labels={"l": "m"},
    mem_limit="64m",
    stop_signal="SIGKILL",
)
box.reload()
assert box.status == "running"
done = box.exec_run(["sh", "-c", "echo $A; exit 3"])
assert (done.exit_code, done.output) == (3, b"b\n")
assert box.exec_run('sh -c "echo a; echo b >&2"', demux=True).output == (b"a\n", b"b\n")
stream = box.exec_run(["sh", "-c", "for i in 1 2 3; do echo $i; done"], stream=True).output
assert b"".join(stream) == b"1\n2\n3\n"
time.sleep(0.3)
assert box.logs(stdout=True, stderr=False) == b"out\n"

packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode="w") as archive:
    member = tarfile.TarInfo("f")
    member.size = 3
    archive.addfile(member, io.BytesIO(b"abc"))
assert box.put_archive("/", packed.getvalue())
chunks, stat = box.get_archive("/f")
assert stat["size"] == 3 and b"abc" in b"".join(chunks)
assert "memory_stats" in box.stats(stream=False)
assert "sleep" in str(box.top())
box.pause()
box.reload()
assert box.status == "paused"
box.unpause()
box.rename("py2")
box.update(mem_limit="128m", memswap_limit="256m")
assert box.commit("py-commit", "v1").tags == ["py-commit:v1"]

network = client.networks.create("py-net", driver="bridge", labels={"a": "b"})
network.connect(box, aliases=["x"])
network.reload()
assert box.id in network.attrs["Containers"]
network.disconnect(box)
network.remove()
volume = client.volumes.create("py-vol")
assert volume.name in [each.name for each in client.volumes.list()]
volume.remove()
events = client.events(since=int(time.time()) - 60, until=int(time.time()), decode=True)
assert any(event.get("Action") == "start" for event in events)
box.stop(timeout=1)
assert box.wait()["StatusCode"] == 137
box.remove(v=True)

built, lines = client.images.build(fileobj=io.BytesIO(f"FROM {image}\nRUN echo x > /y\n".encode()), tag="py-build", rm=True)
assert any("Step" in str(line) for line in lines)
assert client.containers.run("py-build", "cat /y", remove=True) == b"x\n"
client.images.load(b"".join(built.save()))
client.images.remove("py-build")
client.images.remove("py-commit:v1")
try:
    client.containers.get("nope")
    raise AssertionError("found")
except docker.errors.NotFound:
    pass
try:
    client.containers.run(image, ["sh", "-c", "exit 7"], remove=True)
    raise AssertionError("no error")
except docker.errors.ContainerError as error:
    assert error.exit_status == 7
assert "Images" in client.df()
echo = client.containers.run(image, "cat", detach=True, stdin_open=True, tty=True)
socket = echo.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
socket._sock.send(b"hi\n")
time.sleep(0.3)
assert socket._sock.recv(100) == b"hi\r\nhi\r\n"
echo.remove(force=True)
print("ok")
