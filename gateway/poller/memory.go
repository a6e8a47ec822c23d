package poller

import "github.com/tidegate/tidegate/gateway"

// recall tells the driver of a wire that was just opened what is known about the devices.
func (p *Poller) recall(driver gateway.Driver) {
	learner, learns := driver.(gateway.Learner)
	if !learns || p.options.Memory == nil {
		return
	}
	for _, d := range p.devices {
		if known := p.options.Memory.Recall(p.options.Connection, d.Device); !known.Empty() {
			learner.Learn(d.Device, known)
		}
	}
	p.discoveries = learner.Discoveries()
}

// remember keeps what the poll of a device has taught.
func (p *Poller) remember(driver gateway.Driver, d *device) {
	learner, learns := driver.(gateway.Learner)
	if !learns || p.options.Memory == nil {
		return
	}
	if n := learner.Discoveries(); n != p.discoveries {
		p.discoveries = n
		p.options.Memory.Remember(p.options.Connection, d.Device, learner.Learned(d.Device))
	}
}
