package gateway

import (
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Validate checks the whole configuration without looking at the world: nothing is opened or dialled. The error is a
// *Error of code Invalid that points at the first wrong field. What only a driver can judge (URLs of connections,
// addresses of points) is checked by the drivers; see drivers.Validate.
func (c *Config) Validate() error {
	if !idPattern.MatchString(c.Name) {
		return idError("name", c.Name)
	}
	checks := []func() error{c.validateSite, c.validateScanClasses, c.validateConnections, c.validateProfiles, c.validateDevices, c.validateBridges, c.validateListeners}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return c.validateTopics()
}

func (c *Config) validateSite() error {
	if err := ValidateTimeZone("timeZone", c.TimeZone); err != nil {
		return err
	}
	return c.History.validate("history")
}

// ValidateID checks an identifier by the rule for all of them. The error points at field.
func ValidateID(field, id string) error {
	if !idPattern.MatchString(id) {
		return idError(field, id)
	}
	return nil
}

func idError(field, id string) error {
	return FieldErrorf(field, "%q is not a name: use 1 to 64 letters, digits, - and _, starting with a letter or digit", id)
}

// uniqueIDs checks form and uniqueness of the IDs of a list.
func uniqueIDs[T any](list string, items []T, id func(T) string) error {
	for _, err := range idProblems(list, items, id) {
		return err
	}
	return nil
}

// idProblems gives what is wrong with the IDs of a list, with the place of each.
func idProblems[T any](list string, items []T, id func(T) string) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		seen := make(map[string]bool, len(items))
		for i, item := range items {
			var err error
			field := fmt.Sprintf("%s[%d].id", list, i)
			switch {
			case !idPattern.MatchString(id(item)):
				err = idError(field, id(item))
			case seen[id(item)]:
				err = FieldErrorf(field, "%q is there twice: choose another one", id(item))
			}
			seen[id(item)] = true
			if err != nil && !yield(i, err) {
				return
			}
		}
	}
}

func (c *Config) validateScanClasses() error {
	for i, class := range c.ScanClasses {
		interval := time.Duration(class.Interval)
		if interval < 10*time.Millisecond || interval > 24*time.Hour {
			return FieldErrorf(fmt.Sprintf("scanClasses[%d].interval", i), "%s is not between 10ms and 24h", interval)
		}
	}
	return uniqueIDs("scanClasses", c.ScanClasses, func(s ScanClass) string { return s.ID })
}

func (c *Config) validateConnections() error {
	for i, connection := range c.Connections {
		field := fmt.Sprintf("connections[%d]", i)
		if u, err := url.Parse(connection.URL); err != nil || u.Scheme == "" {
			return FieldErrorf(field+".url", "%q is not an address: use tcp://host:502 or rtu:///dev/ttyUSB0?baud=9600",
				connection.URL)
		}
		if t := time.Duration(connection.Timeout); t < 0 || t > time.Minute || t > 0 && t < 10*time.Millisecond {
			return FieldErrorf(field+".timeout", "%s is not between 10ms and 1m", t)
		}
		if err := validateStaleAfter(field+".staleAfter", connection.StaleAfter); err != nil {
			return err
		}
		tls := BridgeTLS{CA: connection.TLS.CA, Certificate: connection.TLS.Certificate, Key: connection.TLS.Key}
		if err := tls.validate(field+".tls", true); err != nil {
			return err
		}
		if err := connection.Proxy.validate(); err != nil {
			return InField(field+".proxy", err)
		}
		if err := validatePause(field+".quirks.pauseAfterConnect", connection.Quirks.PauseAfterConnect); err != nil {
			return err
		}
	}
	return uniqueIDs("connections", c.Connections, func(x Connection) string { return x.ID })
}

func validateStaleAfter(field string, intervals int) error {
	if intervals != 0 && (intervals < 2 || intervals > 1000) {
		return FieldErrorf(field, "%d is not between 2 and 1000 intervals; 0 is the default", intervals)
	}
	return nil
}

func (c *Config) validateDevices() error {
	for i, device := range c.Devices {
		if err := c.validateDevice(fmt.Sprintf("devices[%d]", i), device); err != nil {
			return err
		}
	}
	return uniqueIDs("devices", c.Devices, func(x Device) string { return x.ID })
}

func (c *Config) validateDevice(field string, device Device) error {
	if _, found := c.Connection(device.Connection); !found {
		return FieldErrorf(field+".connection", "there is no connection %q", device.Connection)
	}
	if device.Unit < 0 || device.Unit > 255 {
		return FieldErrorf(field+".unit", "unit %d is not between 0 and 255", device.Unit)
	}
	if !c.hasScanClass(device.ScanClass) {
		return FieldErrorf(field+".scanClass", "there is no scan class %q", device.ScanClass)
	}
	if err := validateQuirks(field+".quirks", device.Quirks); err != nil {
		return err
	}
	for i := range device.Points {
		if err := c.validatePointOf(field, device, i); err != nil {
			return err
		}
	}
	return uniqueIDs(field+".points", device.Points, func(p Point) string { return p.ID })
}

// validatePointOf checks a point alone, and against those that it is computed from.
func (c *Config) validatePointOf(field string, device Device, i int) error {
	field = fmt.Sprintf("%s.points[%d]", field, i)
	point := device.Points[i]
	if err := c.validatePoint(field, point); err != nil || point.Expression == "" {
		return err
	}
	return validateComputed(field, point, device.Points)
}

func (c *Config) hasScanClass(id string) bool {
	_, found := find(c.ScanClasses, func(s ScanClass) bool { return s.ID == id })
	return found
}

// mostInList is as many registers as one request of Modbus has.
const mostInList = 125

func (c *Config) validatePoint(field string, p Point) error {
	switch {
	case p.Address == "" && p.Expression == "":
		return FieldErrorf(field+".address", "an address is needed")
	case !p.Type.Valid():
		return FieldErrorf(field+".type", "there is no type %q", p.Type)
	case p.Type == String && p.Expression == "" && (p.Length < 1 || p.Length > 250):
		return FieldErrorf(field+".length", "a string has 1 to 250 bytes, not %d", p.Length)
	case p.Count < 0 || p.Count > mostInList:
		return FieldErrorf(field+".count", "a list has 1 to %d values, not %d", mostInList, p.Count)
	case p.Count > 1 && (p.Type == String || p.Type == Time || p.Expression != ""):
		return FieldErrorf(field+".count", "only numbers and bools that are read can be lists")
	case p.Decimals != nil && (*p.Decimals < 0 || *p.Decimals > 12):
		return FieldErrorf(field+".decimals", "%d is not between 0 and 12", *p.Decimals)
	case p.ScanClass != "" && !c.hasScanClass(p.ScanClass):
		return FieldErrorf(field+".scanClass", "there is no scan class %q", p.ScanClass)
	case p.Mapping.QoS != nil && (*p.Mapping.QoS < 0 || *p.Mapping.QoS > 2):
		return FieldErrorf(field+".mapping.qos", "QoS %d is not 0, 1 or 2", *p.Mapping.QoS)
	case p.Mapping.Payload != "" && p.Mapping.Payload != PayloadJSON && p.Mapping.Payload != PayloadPlain:
		return FieldErrorf(field+".mapping.payload", "there is no payload preset %q", p.Mapping.Payload)
	}
	checks := []error{
		validateDecoding(field+".decoding", &p), validateLimits(field+".limits", &p), validateEnum(field+".enum", &p),
		validatePublishing(field+".publish", p.Publish),
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return validateByteOrder(field+".byteOrder", p)
}

// validateByteOrder wants a permutation of the first letters, as many as the type has bytes; the four named orders of
// 32 bits stand for all other sizes too.
func validateByteOrder(field string, p Point) error {
	order := p.ByteOrder
	if order == "" || order == "ABCD" || order == "CDAB" || order == "BADC" || order == "DCBA" {
		return nil
	}
	size := p.Bytes()
	if p.Type == String {
		size = 0
	}
	seen := 0
	for _, letter := range order {
		if letter >= 'A' && letter < 'A'+rune(size) {
			seen |= 1 << (letter - 'A')
		}
	}
	if len(order) != size || seen != 1<<size-1 {
		return FieldErrorf(field, "%q is not a byte order of %s: use ABCD, CDAB, BADC, DCBA or a permutation of %d letters",
			order, p.Type, size)
	}
	return nil
}

// validateTopics checks the topic of each point, and that no two points share one or take that of a device's state.
func (c *Config) validateTopics() error {
	for _, err := range c.topicProblems() {
		return err
	}
	return nil
}

// topicProblems gives what is wrong with the topics of points, with device and point of each.
func (c *Config) topicProblems() iter.Seq2[[2]int, error] {
	return func(yield func([2]int, error) bool) {
		owner := map[string]string{}
		for _, device := range c.Devices {
			owner[StateTopic(c.Name, device.ID)] = "the state of device " + device.ID
		}
		for i, device := range c.Devices {
			for j, point := range device.Points {
				topic := point.Topic(c.Name, device.ID)
				err := validateTopic(fmt.Sprintf("devices[%d].points[%d].mapping.topic", i, j), topic, owner)
				if err != nil && !yield([2]int{i, j}, err) {
					return
				}
				if err == nil {
					owner[topic] = PointKey{device.ID, point.ID}.String()
				}
			}
		}
	}
}

func validateTopic(field, topic string, owner map[string]string) error {
	if err := mqtt.ValidateTopic(topic); err != nil {
		return FieldErrorf(field, "%w", err)
	}
	if topic[0] == '$' {
		return FieldErrorf(field, "%q starts with $, which is kept for the broker itself", topic)
	}
	if other, taken := owner[topic]; taken {
		return FieldErrorf(field, "topic %q is also the topic of %s", topic, other)
	}
	return nil
}
