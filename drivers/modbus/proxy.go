package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Proxy is a Modbus TCP slave whose units are those of a wire that we poll. Each request of others is one request between
// two of our polls, and all of them together get a share of the wire's time: whoever asks for more waits, and is told
// that the device is busy when that takes too long. Without leave to write only reading functions get through.
type Proxy struct {
	settings gateway.ConnectionProxy
	units    [256]bool
	from     netip.Prefix
	wire     Wire
	logger   *slog.Logger
	budget   budget

	mu     sync.Mutex // guards everything that follows
	status gateway.ProxyStatus
}

// Wire gives the open wire for one piece of work between two polls; see poller.Explore.
type Wire func(ctx context.Context, work func(context.Context, gateway.Explorer) error) error

const (
	// maxProxyClients bounds the masters; the next one is closed at once.
	maxProxyClients = 16
	// proxyIdle closes connections whose master is gone.
	proxyIdle = 2 * time.Minute
	// proxyPatience is how long a request waits for its share of the wire, and to be done.
	proxyPatience = 5 * time.Second
)

// NewProxy makes a proxy from validated settings; Run opens it.
func NewProxy(settings gateway.ConnectionProxy, wire Wire, logger *slog.Logger) *Proxy {
	p := &Proxy{settings: settings, wire: wire, logger: logger, budget: newBudget(settings.Share)}
	p.units, _ = settings.UnitSet() // Validate has looked
	p.from, _ = settings.FromPrefix()
	p.status.Reason = "not open yet"
	return p
}

// Status is what others do with the wire.
func (p *Proxy) Status() gateway.ProxyStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *Proxy) count(change func(*gateway.ProxyStatus)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.status)
}

// Run serves others until ctx ends. An address that cannot be opened is tried again.
func (p *Proxy) Run(ctx context.Context) {
	backoff := gateway.Backoff{Min: time.Second, Max: time.Minute}
	for ctx.Err() == nil {
		err := p.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := backoff.Next()
		p.logger.Warn("other masters cannot call", "error", err, "wait", wait)
		p.count(func(s *gateway.ProxyStatus) { s.Reason = err.Error() })
		pause(ctx, wait)
	}
}

func (p *Proxy) listen(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", p.settings.Address)
	if err != nil {
		return fmt.Errorf("listen for other masters: choose another port, or end the program that uses it: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	p.count(func(s *gateway.ProxyStatus) { s.Reason = "" })
	for {
		conn, err := listener.Accept()
		if err != nil {
			return fmt.Errorf("accept other masters: %w", err)
		}
		if !p.admit(conn) {
			_ = conn.Close()
			continue
		}
		clients.Go(func() {
			defer p.count(func(s *gateway.ProxyStatus) { s.Clients-- })
			p.serve(ctx, conn)
		})
	}
}

func (p *Proxy) admit(conn net.Conn) (admitted bool) {
	place, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	foreign := p.from.IsValid() && (err != nil || !p.from.Contains(place.Addr().Unmap()))
	p.count(func(s *gateway.ProxyStatus) {
		if admitted = !foreign && s.Clients < maxProxyClients; admitted {
			s.Clients++
		} else {
			s.Refused++
		}
	})
	return admitted
}

// serve ends with the connection; a broken one is the master's to notice.
func (p *Proxy) serve(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	for err := error(nil); err == nil; {
		err = p.exchange(ctx, conn)
	}
}

var errNoRequest = errors.New("this is no Modbus TCP request")

// exchange reads one request and answers it. The header is transaction, protocol 0, length, unit (Modbus TCP 3.1.3).
func (p *Proxy) exchange(ctx context.Context, conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(proxyIdle)); err != nil {
		return err
	}
	header := make([]byte, mbapHeader)
	if _, err := io.ReadFull(conn, header); err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(header[4:]))
	if !headerBegins(header) || length < 2 {
		return errNoRequest
	}
	pdu := make([]byte, length-1)
	if _, err := io.ReadFull(conn, pdu); err != nil {
		return err
	}
	reply := p.answer(ctx, header[6], pdu)
	frame := append(append([]byte{}, header[:4]...), 0, byte(len(reply)+1), header[6])
	_, err := conn.Write(append(frame, reply...))
	return err
}

// answer is the reply of the device, or an exception that says why there is none.
func (p *Proxy) answer(ctx context.Context, unit byte, pdu []byte) []byte {
	exception := func(code byte) []byte { return []byte{pdu[0] | exceptionBit, code} }
	if !p.units[unit] || !p.settings.Writable && !onlyReads(pdu) {
		p.count(func(s *gateway.ProxyStatus) { s.Refused++ })
		if !p.units[unit] {
			return exception(gatewayPath)
		}
		return exception(illegalFunction)
	}
	reply, code := p.forward(ctx, unit, pdu)
	p.count(func(s *gateway.ProxyStatus) {
		if code == 0 {
			s.Answered++
		} else {
			s.Failed++
		}
	})
	if code != 0 {
		return exception(code)
	}
	return reply
}

// onlyReads reports whether a request changes nothing in a device.
func onlyReads(pdu []byte) bool {
	switch pdu[0] {
	case readCoils, readDiscretes, readHoldings, readInputs, serverID, readFIFO, encapsulated:
		return wellFormed(pdu)
	}
	return false
}

// forward gives the reply, or the code of an exception.
func (p *Proxy) forward(ctx context.Context, unit byte, pdu []byte) (reply []byte, code byte) {
	ctx, cancel := context.WithTimeout(ctx, proxyPatience)
	defer cancel()
	if p.budget.wait(ctx) != nil {
		return nil, busy
	}
	code = gatewayPath
	begin := time.Now()
	err := p.wire(ctx, func(ctx context.Context, explorer gateway.Explorer) (err error) {
		commander, can := explorer.(gateway.Commander)
		if !can {
			return gateway.Errorf(gateway.Invalid, "this wire cannot be shared")
		}
		code, begin = gatewayNoAnswers, time.Now()
		reply, err = commander.Raw(ctx, int(unit), pdu)
		return err
	})
	p.budget.spent(time.Since(begin))
	if err != nil {
		p.logger.Debug("a request of another master was not answered", "unit", unit, "function", pdu[0], "error", err)
		return nil, code
	}
	return reply, 0
}
