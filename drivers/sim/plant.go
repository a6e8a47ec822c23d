package sim

import (
	"math"
	"time"
)

// NewPLC is the unit of the demo's controller: a tank with a pump and a heater.
//
//	input 0-1 temperature, float CDAB, °C     input 2 pressure, 0.01 bar      input 3-4 flow, float, l/min
//	input 5 level, 0.1 %                      input 6-7 energy, uint32, Wh    input 8 status: bit 0 running, bit 1 alarm
//	input 10-11 counter, uint32, one more at each reading
//	coil 0 pump                               holding 0-1 set point of the temperature, float, °C
func NewPLC() *Unit {
	plc := NewUnit(8, 8, 16, 8)
	plc.Coils[0] = true
	setFloat(plc.Holdings, 0, 60, false)
	tank := &tank{temperature: 55, level: 50}
	plc.Refresh = tank.refresh
	return plc
}

// tank is what a closed formula cannot say: it depends on what was written before.
type tank struct {
	last               time.Time
	temperature, level float64
	energy             float64
	counter            uint32
}

func (t *tank) refresh(u *Unit, now time.Time) {
	seconds := math.Min(now.Sub(t.last).Seconds(), 10)
	t.last = now
	setPoint, pump := float(u.Holdings, 0), u.Coils[0]
	t.temperature += (setPoint - t.temperature) * (1 - math.Exp(-seconds/30))
	direction := 0.4
	if pump {
		direction = -0.3
	}
	t.level = math.Max(5, math.Min(95, t.level+direction*seconds+0.2*seconds*wave(now, 90)))
	flow := 0.0
	if pump {
		flow = 120 + 8*wave(now, 17)
		t.energy += seconds * 1500 / 3600
	}
	t.counter++

	setFloat(u.Inputs, 0, t.temperature+0.3*wave(now, 11), true)
	u.Inputs[2] = uint16(250 + 30*wave(now, 41))
	setFloat(u.Inputs, 3, flow, false)
	u.Inputs[5] = uint16(10 * t.level)
	setUint32(u.Inputs, 6, uint32(1_250_000+t.energy), false)
	u.Inputs[8] = status(pump, t.level > 90 || t.level < 10)
	setUint32(u.Inputs, 10, t.counter, false)
	u.Discretes[0] = pump
}

func status(running, alarm bool) uint16 {
	var bits uint16
	if running {
		bits |= 1
	}
	if alarm {
		bits |= 2
	}
	return bits
}

// The map of NewAnalyzer.
const (
	AnalyzerFirst  = 40
	AnalyzerValues = 20
)

// NewAnalyzer is a power analyzer of which nobody has the map: 20 values as float CDAB in the holding registers from
// AnalyzerFirst on, of the sizes of voltages, currents and powers, and zeros around them.
func NewAnalyzer() *Unit {
	const places = 125
	analyzer := NewUnit(0, 0, 0, places)
	analyzer.Refresh = func(u *Unit, now time.Time) {
		for i := range AnalyzerValues {
			size := []float64{230, 8, 1840, 50, 0.97}[i%5]
			setFloat(u.Holdings, AnalyzerFirst+2*i, size*(1+0.01*wave(now, 20+float64(i))), true)
		}
	}
	return analyzer
}

// NewMeter is an energy meter with the input registers of Eastron's SDM series, as floats: voltage 0, current 6, power
// 12, frequency 70, energy 342. phase tells several meters apart.
func NewMeter(phase float64) *Unit {
	meter := NewUnit(0, 0, 400, 16)
	meter.Refresh = func(u *Unit, now time.Time) {
		voltage := 230 + 2*wave(now.Add(time.Duration(phase)*time.Second), 23)
		current := 8 + 3*wave(now.Add(time.Duration(phase)*time.Second), 61)
		setFloat(u.Inputs, 0, voltage, false)
		setFloat(u.Inputs, 6, current, false)
		setFloat(u.Inputs, 12, voltage*current, false)
		setFloat(u.Inputs, 70, 50+0.02*wave(now, 7), false)
		setFloat(u.Inputs, 342, float64(now.Unix()%10_000_000)/3600*1.8, false)
	}
	return meter
}

// wave swings between -1 and 1 with a period in seconds.
func wave(now time.Time, period float64) float64 {
	return math.Sin(2 * math.Pi * math.Mod(float64(now.UnixMilli())/1000, period) / period)
}
