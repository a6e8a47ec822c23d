"""A Modbus TCP master on pymodbus 3.0 (Debian 12) or 3.8 (Debian 13).

usage: pymodbus_master.py PORT
It reads holding 7 to 9 and coils 0 to 2 of unit 3, writes 4711 into holding 20 and prints all three.
"""
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
assert client.connect()
registers = client.read_holding_registers(7, count=3, slave=3).registers
coils = client.read_coils(0, count=3, slave=3).bits[:3]
assert not client.write_register(20, 4711, slave=3).isError()
written = client.read_holding_registers(20, count=1, slave=3).registers[0]
client.close()
print(registers, coils, written)
