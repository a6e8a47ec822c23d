package supervisor

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Commands = (*Supervisor)(nil)

// Raw sends one request and gives its reply; see gateway.Commander.
func (s *Supervisor) Raw(ctx context.Context, connection gateway.Connection, unit int, pdu []byte) (reply []byte, err error) {
	err = s.command(ctx, connection, unit, func(ctx context.Context, c gateway.Commander) (err error) {
		reply, err = c.Raw(ctx, unit, pdu)
		return err
	})
	return reply, err
}

// Broadcast writes to all devices of a serial line; see gateway.Commander.
func (s *Supervisor) Broadcast(ctx context.Context, connection gateway.Connection, point gateway.Point, value gateway.Value) error {
	return s.command(ctx, connection, 1, func(ctx context.Context, c gateway.Commander) error {
		return c.Broadcast(ctx, point, value)
	})
}

func (s *Supervisor) command(ctx context.Context, connection gateway.Connection, unit int, work func(context.Context, gateway.Commander) error) error {
	return s.explore(ctx, connection, unit, func(ctx context.Context, look looker) error {
		return look(ctx, func(ctx context.Context, explorer gateway.Explorer) error {
			commander, can := explorer.(gateway.Commander)
			if !can {
				return gateway.FieldErrorf("connection.url", "nothing can be sent to devices of this kind")
			}
			return work(ctx, commander)
		})
	})
}
