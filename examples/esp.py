"""An ESP32 camera that sends the JPEG files of a folder, over and over, 15 a second once it is started.

    python3 examples/esp.py pictures ws://127.0.0.1:50001/esp

Needs websockets (Debian: python3-websockets). docs/esp32.md says what it speaks.
"""
import asyncio, itertools, pathlib, sys
import websockets

async def capture(ws, pictures):
    for picture in itertools.cycle(pictures):
        await ws.send(picture)
        await asyncio.sleep(1 / 15)

async def obey(ws, pictures):
    running = None
    try:
        async for text in ws:
            command = text.split()[0]  # a real board reads what follows too: start UXGA 12
            if running and command in ('start', 'stop'):
                running.cancel()
            if command == 'start':
                running = asyncio.create_task(capture(ws, pictures))
            await ws.send(f'STATUS: {len(pictures)} pictures' if command == 'status' else f'ACK: {text}')
    finally:
        if running:
            running.cancel()

async def main(folder, url='ws://127.0.0.1:50001/esp'):
    pictures = [file.read_bytes() for file in sorted(pathlib.Path(folder).glob('*.jpg'))]
    while True:
        try:
            async with websockets.connect(url) as ws:
                await obey(ws, pictures)
        except (OSError, websockets.WebSocketException) as why:
            print(why)
        await asyncio.sleep(5)

asyncio.run(main(*sys.argv[1:]))
