# One SCTP packet without the kernel's help: `ADDRESS PORT` sends an INIT, `listen` tells who sent one to which port.
import socket, struct, sys

def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff

raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
if sys.argv[1] == 'listen':
    raw.settimeout(1.5)
    try:
        packet, (sender, _) = raw.recvfrom(2048)
        start = (packet[0] & 15) * 4
        print(sender, struct.unpack('>H', packet[start + 2:start + 4])[0])
    except TimeoutError:
        print('nothing')
else:
    import os
    init = struct.pack('>BBHIIHHI', 1, 0, 20, 0x1234, 65536, 1, 1, 7)
    source = 20000 + os.getpid() % 20000
    head = struct.pack('>HHI', source, int(sys.argv[2]), 0)
    total = struct.pack('<I', crc32c(head + bytes(4) + init))
    raw.sendto(head + total + init, (sys.argv[1], 0))
