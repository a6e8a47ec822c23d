"""A Modbus slave on pymodbus 3.0 (Debian 12) or 3.8 (Debian 13): register n holds n, coil n is on when n is divisible by 3.

usage: pymodbus_slave.py tcp PORT | rtu PATH | ascii PATH
It prints "ready" when it listens.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer

try:
    from pymodbus.framer import FramerType

    FRAMERS = {"rtu": FramerType.RTU, "ascii": FramerType.ASCII}
except ImportError:
    from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer

    FRAMERS = {"rtu": ModbusRtuFramer, "ascii": ModbusAsciiFramer}


def context():
    # A context counts from 1 as the data model does (Modbus 4.4), so that the address n on the wire is n+1 in a block.
    registers = ModbusSequentialDataBlock(1, list(range(2000)))
    bits = ModbusSequentialDataBlock(1, [n % 3 == 0 for n in range(2000)])
    unit = lambda: ModbusSlaveContext(di=bits, co=bits, hr=registers, ir=registers)
    return ModbusServerContext(slaves={1: unit(), 2: unit(), 247: unit()}, single=False)


async def main(kind, place):
    if kind == "tcp":
        server = StartAsyncTcpServer(context=context(), address=("127.0.0.1", int(place)))
    else:
        server = StartAsyncSerialServer(context=context(), framer=FRAMERS[kind], port=place, baudrate=115200, timeout=0.1)
    task = asyncio.ensure_future(server)
    await asyncio.sleep(0.2)
    if not task.done():
        print("ready", flush=True)
    await task


asyncio.run(main(sys.argv[1], sys.argv[2]))
