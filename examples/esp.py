"""An ESP32 camera that sends the JPEG files of a folder, over and over, 15 a second once it is started.

    python3 examples/esp.py pictures ws://127.0.0.1:50001/esp

Needs websockets (Debian: python3-websockets). docs/esp32.md says what it speaks.
"""
import asyncio, itertools, pathlib, sys
import websockets

async def obey(ws, pictures):
    pause = None  # seconds to the next picture; None: it waits to be started
    while True:
        try:
            text = await asyncio.wait_for(ws.recv(), pause)
            # A real board reads what follows too: start UXGA 12.
            pause = {'start': 1 / 15, 'stop': None}.get(text.split(' ')[0], pause)
            status = 'STATUS: capturing' if pause else 'STATUS: idle'
            await ws.send(status if text == 'status' else f'ACK: {text}')
        except asyncio.TimeoutError:
            await ws.send(next(pictures))

async def main(folder, url='ws://127.0.0.1:50001/esp'):
    files = sorted(pathlib.Path(folder).glob('*.jpg'))
    pictures = itertools.cycle([file.read_bytes() for file in files])
    while True:
        try:
            async with websockets.connect(url) as ws:
                await obey(ws, pictures)
        except (OSError, websockets.WebSocketException) as why:
            print(why)
        await asyncio.sleep(5)

asyncio.run(main(*sys.argv[1:]))
