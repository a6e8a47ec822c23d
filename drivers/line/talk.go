package line

// Talk is how a device that is no Modbus device speaks. The zero value sends lines by itself.
type Talk struct {
	// Kind is empty for lines; see the constants.
	Kind TalkKind
	// Request is what is sent for each answer, with TalkRequest.
	Request string
}

// TalkKind is a habit of devices.
type TalkKind string

// The kinds of talk beside lines.
const (
	// TalkP1 are the telegrams of Dutch and Belgian electricity meters (DSMR P1), which come by themselves, with a CRC.
	TalkP1 TalkKind = "p1"
	// TalkIEC is the readout of a meter by IEC 62056-21, mode C: asked at 300 baud, answered at the speed that the meter offers.
	TalkIEC TalkKind = "iec62056-21"
	// TalkSDI12 asks environmental sensors for a measurement, waits as long as they say, and fetches its values.
	TalkSDI12 TalkKind = "sdi-12"
	// TalkRequest sends a text and takes the next line for the answer.
	TalkRequest TalkKind = "request"
)

// Asks reports whether devices speak only when they are asked.
func (t Talk) Asks() bool { return t.Kind == TalkIEC || t.Kind == TalkSDI12 || t.Kind == TalkRequest }

// longestRequest bounds what is sent.
const longestRequest = 200

// talk takes the parameters telegram, dialogue and request of a line.
func (a *Address) talk(name, text string) error {
	kinds := map[string][]TalkKind{"telegram": {TalkP1}, "dialogue": {TalkIEC, TalkSDI12}}
	switch {
	case a.Protocol != Lines:
		return urlErrorf("%q is for devices that are no Modbus devices: line://", name)
	case a.Talk != Talk{}:
		return urlErrorf("telegram, dialogue and request exclude each other")
	case name == "request" && (text == "" || len(text) > longestRequest):
		return urlErrorf("a request has 1 to %d bytes; %%0D%%0A is the end of a line", longestRequest)
	case name == "request":
		a.Talk = Talk{Kind: TalkRequest, Request: text}
		return nil
	}
	for _, kind := range kinds[name] {
		if text == string(kind) {
			a.Talk.Kind = kind
			return nil
		}
	}
	return urlErrorf("there is no %s %q: use telegram=p1, dialogue=iec62056-21 or dialogue=sdi-12", name, text)
}

// habits are the settings of a line that a kind of talk prescribes.
func (k TalkKind) habits(a *Address) {
	switch k {
	case TalkP1:
		a.Baud = 115200
	case TalkIEC:
		a.Baud, a.Parity, a.DataBits = 300, EvenParity, 7
	case TalkSDI12:
		a.Baud, a.Parity, a.DataBits = 1200, EvenParity, 7
	case TalkRequest:
	}
}
