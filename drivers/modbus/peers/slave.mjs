// A Modbus slave on modbus-serial: register n holds n, coil n is on when n is divisible by 3; units 1, 2 and 247 are alike.
// usage: node slave.mjs tcp PORT | rtu PATH
// It prints "ready" when it listens.
import modbus from "modbus-serial";

const [kind, place] = process.argv.slice(2);
const places = 2000;
const registers = Array.from({ length: places }, (_, n) => n);
const bits = Array.from({ length: places }, (_, n) => n % 3 === 0);

/** An address that is not there is refused with exception 2. */
function at(table, address) {
  if (address >= places) {
    throw { modbusErrorCode: 2, msg: "no such address" };
  }
  return table[address];
}

const device = {
  getInputRegister: (address) => at(registers, address),
  getHoldingRegister: (address) => at(registers, address),
  getCoil: (address) => at(bits, address),
  getDiscreteInput: (address) => at(bits, address),
  setRegister: (address, value) => {
    at(registers, address);
    registers[address] = value;
  },
  setCoil: (address, value) => {
    at(bits, address);
    bits[address] = value;
  },
};

const everyUnit = 255;
const server =
  kind === "tcp"
    ? new modbus.ServerTCP(device, { host: "127.0.0.1", port: Number(place), unitID: everyUnit })
    : new modbus.ServerSerial(device, { path: place, baudRate: 115_200, unitID: everyUnit });
server.on("initialized", () => console.log("ready"));
server.on("error", (problem) => console.error(problem));
server.on("socketError", (problem) => console.error(problem));
