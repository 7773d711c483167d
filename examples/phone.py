"""A camera that sends an H.264 file as the Android app does: each time it is started, 10 pictures a second.

    python3 examples/phone.py film.h264 ws://127.0.0.1:50001/android-cam

Needs websockets (Debian: python3-websockets); README.md says what file. docs/protocol.md says what it speaks.
"""
import asyncio, json, pathlib, re, struct, sys, time
import websockets

async def capture(ws, packets):
    for sequence, packet in enumerate(packets):
        capture_ms = int(time.monotonic() * 1000) if sequence else 0
        await ws.send(struct.pack('>QII', capture_ms, sequence, len(packet)) + packet)
        if sequence == 0:
            await ws.send('{"status":"capture_started"}')
        await asyncio.sleep(0.1)
    await ws.send('{"status":"capture_stopped"}')

async def main(file, url='ws://127.0.0.1:50001/android-cam'):
    film = pathlib.Path(file).read_bytes()
    pictures = re.split(b'(?=\0\0\0\1\x09)', film)[1:]  # each begins with an access unit delimiter
    sets = pictures[0].split(b'\0\0\1\x65')[0]  # SPS and PPS stand before the first slice, of a keyframe
    running = None
    async with websockets.connect(url) as ws:
        await ws.send('{"status":"ready"}')
        await ws.send('{"type":"capabilities","deviceModel":"phone.py"}')
        async for text in ws:
            command = json.loads(text)['command']
            if command == 'start_capture' and (not running or running.done()):
                running = asyncio.create_task(capture(ws, [sets, *pictures]))
            elif command == 'stop_capture' and running and running.cancel():
                await ws.send('{"status":"capture_stopped"}')

asyncio.run(main(*sys.argv[1:]))
