/* A Modbus slave on libmodbus with the addresses at which its unit-test server misbehaves.
 *
 * usage: libmodbus_slave tcp PORT | rtu PATH
 *
 * Register n holds n, coil n is on when n is divisible by 3. It prints "ready" when it listens. A read of holding registers
 * that begins at one of these addresses is answered
 *   0x170 with exception 6 (busy)
 *   0x171 as another unit, over TCP with another transaction id too
 *   0x172 half a second late
 *   0x173 byte by byte, 5 ms apart (over TCP)
 *   0x174 with one register less than was asked for
 */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACES = 2000, BUSY = 0x170, OTHER = 0x171, LATE = 0x172, SLOW = 0x173, SHORT = 0x174 };

static int header;
static int over_tcp;

static void say(modbus_t *slave, const uint8_t *bytes, int count) {
	if (write(modbus_get_socket(slave), bytes, count) != count)
		perror("write");
}

static void answer(modbus_t *slave, const uint8_t *query, int length, modbus_mapping_t *map) {
	int function = query[header];
	int address = (query[header + 1] << 8) | query[header + 2];
	uint8_t changed[MODBUS_TCP_MAX_ADU_LENGTH];

	memcpy(changed, query, length);
	if (function == MODBUS_FC_READ_HOLDING_REGISTERS) {
		switch (address) {
		case BUSY:
			modbus_reply_exception(slave, query, MODBUS_EXCEPTION_SLAVE_OR_SERVER_BUSY);
			return;
		case OTHER:
			if (over_tcp)
				changed[1] ^= 0x55;
			changed[header - 1]++;
			break;
		case LATE:
			usleep(500000);
			break;
		case SLOW:
			if (over_tcp) {
				uint8_t reply[] = {query[0], query[1], 0, 0, 0, 5, query[6], function, 2, SLOW >> 8, SLOW & 0xFF};
				for (size_t i = 0; i < sizeof reply; i++) {
					usleep(5000);
					say(slave, reply + i, 1);
				}
				return;
			}
			break;
		case SHORT:
			changed[header + 4]--; /* no read asks for so many that the high byte matters */
			break;
		}
	}
	modbus_reply(slave, changed, length, map);
}

static void serve(modbus_t *slave, modbus_mapping_t *map) {
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	for (;;) {
		int length = modbus_receive(slave, query);
		if (length > 0)
			answer(slave, query, length, map);
		else if (length == -1 && errno != EMBBADCRC && errno != ETIMEDOUT)
			return; /* the master is gone */
	}
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	over_tcp = strcmp(argv[1], "tcp") == 0;
	modbus_t *slave = over_tcp ? modbus_new_tcp("127.0.0.1", atoi(argv[2])) : modbus_new_rtu(argv[2], 115200, 'N', 8, 1);
	modbus_mapping_t *map = modbus_mapping_new(PLACES, PLACES, PLACES, PLACES);
	if (slave == NULL || map == NULL)
		return 1;
	header = modbus_get_header_length(slave);
	for (int n = 0; n < PLACES; n++) {
		map->tab_registers[n] = map->tab_input_registers[n] = n;
		map->tab_bits[n] = map->tab_input_bits[n] = n % 3 == 0;
	}
	modbus_set_slave(slave, 1);
	int listener = -1;
	if (over_tcp)
		listener = modbus_tcp_listen(slave, 1);
	else if (modbus_connect(slave) == -1)
		return 1;
	if (over_tcp && listener == -1)
		return 1;
	puts("ready");
	fflush(stdout);
	do {
		if (over_tcp && modbus_tcp_accept(slave, &listener) == -1)
			return 1;
		serve(slave, map);
	} while (over_tcp);
	return 0;
}
