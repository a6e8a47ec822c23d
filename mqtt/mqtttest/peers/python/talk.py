"""What paho-mqtt says and hears at a broker: talk.py tcp|websockets host port

It ends with 0 when all of it is as MQTT has it.
"""

import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

TRANSPORT, HOST, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
PATIENCE = 8
VERSIONS = {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311, "5.0": mqtt.MQTTv5}
NUMBERS = [str(n) for n in range(20)]


class Talker:
    """One client, connected, with everything that came."""

    def __init__(self, version, name, lasting=False, will=None):
        self.version, self.inbox, self.present = version, [], None
        self.connected, self.granted = threading.Event(), threading.Event()
        options = {} if version == mqtt.MQTTv5 else {"clean_session": not lasting}
        self.client = mqtt.Client(client_id=name, protocol=version, transport=TRANSPORT, **options)
        self.client.max_inflight_messages_set(0)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self.granted.set()
        self.client.on_message = lambda _client, _data, message: self.inbox.append(message)
        if will:
            self.client.will_set(*will)
        more = {}
        if version == mqtt.MQTTv5:
            more = {"clean_start": not lasting}
            if lasting:
                more["properties"] = Properties(PacketTypes.CONNECT)
                more["properties"].SessionExpiryInterval = 60
        self.client.connect(HOST, PORT, keepalive=30, **more)
        self.client.loop_start()
        assert self.connected.wait(PATIENCE), "no CONNACK"

    def _on_connect(self, _client, _data, flags, code, _properties=None):
        assert code == 0, f"refused: {code}"
        self.present = bool(flags["session present"])
        self.connected.set()

    def subscribe(self, topic, qos):
        self.granted.clear()
        self.client.subscribe(topic, qos)
        assert self.granted.wait(PATIENCE), "no SUBACK"

    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        info = self.client.publish(topic, payload, qos, retain, properties)
        info.wait_for_publish(PATIENCE)
        assert info.is_published(), f"no acknowledgement of {topic} {payload[:20]}"

    def payloads(self, topic):
        return [m.payload.decode() for m in list(self.inbox) if m.topic == topic]

    def end(self):
        self.client.disconnect()  # which ends its thread too, in a second


def eventually(what, ok):
    deadline = time.monotonic() + PATIENCE
    while not ok():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.005)


def orders_every_qos(version):
    sub, pub = Talker(version, "pySub"), Talker(version, "pyPub")
    sub.subscribe("order/#", 2)
    for n in NUMBERS:
        for qos in range(3):
            pub.publish(f"order/{qos}", n, qos)
            if TRANSPORT == "websockets":  # paho forgets to look at what came in the same frame until more comes
                eventually("one after the other", lambda: n in sub.payloads(f"order/{qos}"))
    for qos in range(3):
        eventually(f"all at QoS {qos}", lambda: len(sub.payloads(f"order/{qos}")) >= len(NUMBERS))
        assert sub.payloads(f"order/{qos}") == NUMBERS
        assert all(m.qos == qos for m in sub.inbox if m.topic == f"order/{qos}")
    sub.end(), pub.end()


def keeps_retained(version):
    pub = Talker(version, "pyPub")
    pub.publish("kept/a", "last", retain=True)
    sub = Talker(version, "pySub")
    sub.subscribe("kept/+", 1)
    eventually("the retained message", lambda: len(sub.inbox) == 1)
    assert sub.inbox[0].retain
    pub.publish("kept/a", "", retain=True)
    eventually("its removal", lambda: len(sub.inbox) == 2)
    assert not sub.inbox[1].retain
    sub.end(), pub.end()


def leaves_a_will(version):
    sub = Talker(version, "pySub")
    sub.subscribe("will", 1)
    dying = Talker(version, "pyDying", will=("will", "gone", 1))
    dying.client.reconnect_delay_set(60, 60)
    dying.client.socket().close()
    eventually("the will", lambda: "gone" in sub.payloads("will"))
    sub.end()


def misses_nothing_while_away(version):
    before = Talker(version, "pyAway", lasting=True)
    before.subscribe("away/#", 2)
    before.end()
    pub = Talker(version, "pyPub")
    for n in NUMBERS:
        pub.publish(f"away/{1 + int(n) % 2}", n, 1 + int(n) % 2)
    after = Talker(version, "pyAway", lasting=True)
    if version != mqtt.MQTTv31:  # which has no session present
        assert after.present, "the session is gone"
    eventually("what came meanwhile", lambda: len(after.inbox) == len(NUMBERS))
    assert after.payloads("away/1") == NUMBERS[::2]
    assert after.payloads("away/2") == NUMBERS[1::2]
    after.end(), pub.end()
    clean = Talker(version, "pyAway")
    assert not clean.present, "a clean start found a session"
    clean.end()


def carries_half_a_megabyte(version):
    talker = Talker(version, "pyLarge")
    talker.subscribe("large", 1)
    payload = "0123456789abcdef" * (32 << 10)
    talker.publish("large", payload)
    eventually("it is back", lambda: len(talker.inbox) == 1)
    assert talker.payloads("large") == [payload]
    talker.end()


def passes_properties(version):
    sub, pub = Talker(version, "pySub"), Talker(version, "pyPub")
    sub.subscribe("properties", 1)
    sent = Properties(PacketTypes.PUBLISH)
    sent.ContentType, sent.ResponseTopic, sent.CorrelationData = "text/plain", "answer", bytes([1, 0, 255])
    sent.MessageExpiryInterval, sent.PayloadFormatIndicator = 60, 1
    sent.UserProperty = [("unit", "bar"), ("order", "1"), ("order", "2")]
    pub.publish("properties", "1", properties=sent)
    eventually("it is here", lambda: len(sub.inbox) == 1)
    got = sub.inbox[0].properties
    assert (got.ContentType, got.ResponseTopic, got.CorrelationData) == ("text/plain", "answer", bytes([1, 0, 255]))
    assert 58 <= got.MessageExpiryInterval <= 60 and got.PayloadFormatIndicator == 1
    assert got.UserProperty == [("unit", "bar"), ("order", "1"), ("order", "2")]
    sub.end(), pub.end()


STEPS = [orders_every_qos, keeps_retained, leaves_a_will, misses_nothing_while_away, carries_half_a_megabyte]
for name, number in VERSIONS.items():
    for step in STEPS + ([passes_properties] if number == mqtt.MQTTv5 else []):
        try:
            step(number)
        except AssertionError as error:
            sys.exit(f"MQTT {name}, {step.__name__}, line {error.__traceback__.tb_next.tb_lineno}: {error}")
        print(f"MQTT {name}, {step.__name__}: as it should be")
