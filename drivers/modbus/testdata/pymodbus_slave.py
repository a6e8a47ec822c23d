"""A Modbus slave on pymodbus 3.0: register n holds n, coil n is on when n is divisible by 3.

usage: pymodbus_slave.py tcp PORT | rtu PATH | ascii PATH
It prints "ready" when it listens.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer


def context():
    registers = ModbusSequentialDataBlock(0, list(range(2000)))
    bits = ModbusSequentialDataBlock(0, [n % 3 == 0 for n in range(2000)])
    unit = lambda: ModbusSlaveContext(di=bits, co=bits, hr=registers, ir=registers, zero_mode=True)
    return ModbusServerContext(slaves={1: unit(), 2: unit(), 247: unit()}, single=False)


async def main(kind, place):
    if kind == "tcp":
        server = StartAsyncTcpServer(context=context(), address=("127.0.0.1", int(place)))
    else:
        framer = ModbusRtuFramer if kind == "rtu" else ModbusAsciiFramer
        server = StartAsyncSerialServer(context=context(), framer=framer, port=place, baudrate=115200, timeout=0.1)
    task = asyncio.ensure_future(server)
    await asyncio.sleep(0.2)
    if not task.done():
        print("ready", flush=True)
    await task


asyncio.run(main(sys.argv[1], sys.argv[2]))
