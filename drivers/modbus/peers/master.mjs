// What modbus-serial as a master sees of a slave whose registers hold their addresses: node master.mjs tcp PORT | rtu PATH
// It ends with 0 when all of it is as it should be.
import assert from "node:assert/strict";
import Modbus from "modbus-serial";

const [kind, place] = process.argv.slice(2);
// Whatever waits for an answer that never comes ends here.
setTimeout(() => { console.log("not within 20 seconds"); process.exit(1); }, 20_000).unref();

const master = new Modbus();
master.setTimeout(2000);
if (kind === "tcp") {
  await master.connectTCP("127.0.0.1", { port: Number(place) });
} else {
  await master.connectRTUBuffered(place, { baudRate: 115_200 });
}
const registers = (from, count) => Array.from({ length: count }, (_, n) => from + n);
for (const unit of [1, 2]) {
  master.setID(unit);
  assert.deepEqual((await master.readHoldingRegisters(100, 125)).data, registers(100, 125));
  assert.deepEqual((await master.readInputRegisters(7, 3)).data, registers(7, 3));
  assert.deepEqual((await master.readCoils(9, 4)).data.slice(0, 4), [true, false, false, true]);
  assert.deepEqual((await master.readDiscreteInputs(33, 2)).data.slice(0, 2), [true, false]);
}
master.setID(1);
await master.writeRegister(10, 4711);
await master.writeRegisters(11, [1, 2, 65_535]);
await master.writeCoil(1, true);
await master.writeCoils(2, [true, true, false]);
assert.deepEqual((await master.readHoldingRegisters(10, 4)).data, [4711, 1, 2, 65_535]);
assert.deepEqual((await master.readCoils(0, 6)).data.slice(0, 6), [true, true, true, true, false, false]);
await assert.rejects(() => master.readHoldingRegisters(65_535, 2), { modbusCode: 2 });
await new Promise((resolve) => master.close(resolve));
process.exit(0);
