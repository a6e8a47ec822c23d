package packet

// ping has no body, in either direction (MQTT 5, 3.12 and 3.13). Decode needs no more than the type.
func (w *writer) ping(p *Ping) {
	w.b = append(w.b, byte(p.Type())<<4, 0)
}
