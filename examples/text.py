"""A board that sends a number from 0 to 100 every two seconds; a JSON text with numbers in it does as well.

    python3 examples/text.py ws://127.0.0.1:50001/

Needs websockets (Debian: python3-websockets).
"""
import asyncio, random, sys
import websockets

async def main(url='ws://127.0.0.1:50001/'):
    while True:
        try:
            async with websockets.connect(url) as ws:
                while True:
                    await ws.send(str(random.randint(0, 100)))
                    await asyncio.sleep(2)
        except (OSError, websockets.WebSocketException) as why:
            print(why)
        await asyncio.sleep(5)

asyncio.run(main(*sys.argv[1:]))
