"""A camera that sends an H.264 file as the Android app does: each time it is started, 10 pictures a second.

    python3 examples/phone.py film.h264 ws://127.0.0.1:50001/android-cam

Needs websockets (Debian: python3-websockets). docs/protocol.md says what it speaks.
"""
import asyncio, json, re, struct, sys, time
import websockets

def packets_of(stream):
    """The parameter sets, then one picture after the other."""
    sets, before, pictures = b'', b'', []
    for nal in re.split(b'(?=\0\0\1)', stream)[1:]:
        kind = nal[3] & 31
        if kind in (7, 8):  # SPS, PPS: later ones are the same
            sets += b'' if pictures else nal
        elif kind in (1, 5) and not nal[4] & 0x80:  # a further slice: first_mb_in_slice is not 0
            pictures[-1] += nal
        elif kind in (1, 5):
            pictures.append(before + nal)
            before = b''
        else:
            before += nal
    return [sets, *pictures]

async def capture(ws, packets):
    for sequence, packet in enumerate(packets):
        capture_ms = int(time.monotonic() * 1000) if sequence else 0
        await ws.send(struct.pack('>QII', capture_ms, sequence, len(packet)) + packet)
        if sequence == 0:
            await ws.send('{"status":"capture_started"}')
        await asyncio.sleep(0.1)
    await ws.send('{"status":"capture_stopped"}')

async def main(file, url='ws://127.0.0.1:50001/android-cam'):
    with open(file, 'rb') as film:
        packets = packets_of(film.read())
    running = None
    async with websockets.connect(url) as ws:
        await ws.send('{"status":"ready"}')
        await ws.send('{"type":"capabilities","deviceModel":"phone.py"}')
        async for text in ws:
            command = json.loads(text)['command']
            if command == 'start_capture' and (not running or running.done()):
                running = asyncio.create_task(capture(ws, packets))
            elif command == 'stop_capture' and running and running.cancel():
                await ws.send('{"status":"capture_stopped"}')

asyncio.run(main(*sys.argv[1:]))
