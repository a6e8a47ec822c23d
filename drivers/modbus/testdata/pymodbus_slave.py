"""A Modbus slave on pymodbus 3.0 (Debian 12) or 3.8 (Debian 13): register n holds n, coil n is on when n is divisible by 3.

usage: pymodbus_slave.py tcp PORT | udp PORT | rtu+tcp PORT | ascii+tcp PORT | rtu PATH | ascii PATH
       pymodbus_slave.py tls PORT CERTIFICATE KEY CA (which has to vouch for the master)
UDP carries RTU frames. It prints "ready" when it listens.
"""
import asyncio
import ssl
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer, StartAsyncTlsServer, StartAsyncUdpServer

try:
    from pymodbus.framer import FramerType

    FRAMERS = {"rtu": FramerType.RTU, "ascii": FramerType.ASCII, "tcp": FramerType.SOCKET}
except ImportError:
    from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

    FRAMERS = {"rtu": ModbusRtuFramer, "ascii": ModbusAsciiFramer, "tcp": ModbusSocketFramer}


def context():
    # A context counts from 1 as the data model does (Modbus 4.4), so that the address n on the wire is n+1 in a block.
    registers = ModbusSequentialDataBlock(1, list(range(2000)))
    bits = ModbusSequentialDataBlock(1, [n % 3 == 0 for n in range(2000)])
    unit = lambda: ModbusSlaveContext(di=bits, co=bits, hr=registers, ir=registers)
    return ModbusServerContext(slaves={1: unit(), 2: unit(), 247: unit()}, single=False)


def security(certificate, key, authority):
    """Both sides show a certificate of one authority, as Modbus/TCP Security has it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    tls.load_verify_locations(authority)
    tls.verify_mode = ssl.CERT_REQUIRED
    return tls


async def main(kind, place, *files):
    framing, _, carrier = kind.partition("+")
    if kind == "tls":
        server = StartAsyncTlsServer(
            context=context(), framer=FRAMERS["tcp"], address=("127.0.0.1", int(place)), sslctx=security(*files)
        )
    elif kind == "udp":
        server = StartAsyncUdpServer(context=context(), framer=FRAMERS["rtu"], address=("127.0.0.1", int(place)))
    elif kind == "tcp" or carrier:
        server = StartAsyncTcpServer(context=context(), framer=FRAMERS[framing], address=("127.0.0.1", int(place)))
    else:
        server = StartAsyncSerialServer(context=context(), framer=FRAMERS[kind], port=place, baudrate=115200, timeout=0.1)
    task = asyncio.ensure_future(server)
    await asyncio.sleep(0.2)
    if not task.done():
        print("ready", flush=True)
    await task


asyncio.run(main(*sys.argv[1:]))
