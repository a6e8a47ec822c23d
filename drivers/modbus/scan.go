package modbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Explorer = (*Driver)(nil)

// searchTimeout is how long a unit has to answer a search: devices think 5 to 100 ms.
const searchTimeout = 300 * time.Millisecond

// FindUnits asks each number for its first holding register, which harms nobody; see gateway.Explorer. An exception is an
// answer too, but not the one of a Modbus gateway that found nobody behind it. Over Modbus TCP many devices answer to
// every number.
func (d *Driver) FindUnits(ctx context.Context, search gateway.UnitSearch) ([]gateway.FoundUnit, error) {
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	timeout := time.Duration(cmp.Or(search.Timeout, gateway.Duration(searchTimeout)))
	if err := d.checkSearch(search, timeout); err != nil {
		return nil, err
	}
	usual := d.bus.timeout
	d.bus.timeout = timeout
	defer func() { d.bus.timeout = usual }()
	var found []gateway.FoundUnit
	for unit := search.From; unit <= search.To; unit++ {
		answer, there, err := d.answers(ctx, byte(unit))
		if err != nil {
			return found, err
		}
		if !there {
			continue
		}
		texts, err := d.identification(ctx, byte(unit))
		if err != nil {
			return found, err
		}
		found = append(found, gateway.FoundUnit{Unit: unit, Answer: answer, Identification: texts})
	}
	return found, nil
}

func (d *Driver) checkSearch(search gateway.UnitSearch, timeout time.Duration) error {
	for _, unit := range []int{search.From, search.To} {
		if err := CheckUnit(d.bus.address, unit); err != nil {
			return err
		}
	}
	switch {
	case search.To < search.From:
		return gateway.FieldErrorf("to", "the range ends before it begins")
	case search.To-search.From >= gateway.MaxUnitSearch:
		return gateway.FieldErrorf("to", "at most %d units are asked at once", gateway.MaxUnitSearch)
	case timeout < 20*time.Millisecond || timeout > 500*time.Millisecond:
		return gateway.FieldErrorf("timeout", "a unit gets 20ms to 500ms to answer")
	}
	return nil
}

// answers reports whether a unit says anything at all, and what. The error is that of the wire or of ctx.
func (d *Driver) answers(ctx context.Context, unit byte) (answer string, there bool, err error) {
	a, err := d.read(ctx, unit, Holdings, Span{0, 1})
	exception, isException := errors.AsType[*modbus.ModbusError](err)
	silence, isSilence := errors.AsType[*noReply](err)
	switch {
	case err == nil:
		return fmt.Sprintf("holding:0 is %d", int(a.data[0])<<8|int(a.data[1])), true, nil
	case isException && !unitGone(exception):
		return explain(exception), true, nil
	case isSilence && silence.seen > 0:
		return silence.Error(), true, nil
	case isException, isSilence, errors.Is(err, errLateAnswers):
		return "", false, nil
	}
	return "", false, err
}

// identification is what a unit says about itself; nothing for those that do not know the function.
func (d *Driver) identification(ctx context.Context, unit byte) (texts []string, err error) {
	objects, err := d.Identify(ctx, unit)
	if err != nil && gateway.CodeOf(err) == "" {
		return nil, err
	}
	for _, o := range objects {
		texts = append(texts, o.Text)
	}
	return texts, nil
}
