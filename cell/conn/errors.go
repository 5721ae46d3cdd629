package conn

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Why a connection or a stream ended. Each wraps an error of the cell's catalogue: ErrProtocol
// what the other side should not have sent, ErrOverloaded a limit of ours, ErrClosed the rest.
var (
	ErrGarbage     = fmt.Errorf("%w: bytes that are no frame of ours", cell.ErrProtocol)
	ErrPingFlood   = fmt.Errorf("%w: too many pings", cell.ErrProtocol)
	ErrStreamFlood = fmt.Errorf("%w: too many streams", cell.ErrProtocol)
	ErrStrayFlood  = fmt.Errorf("%w: too many frames for streams that are not there", cell.ErrProtocol)

	ErrOverflow       = fmt.Errorf("%w: the stream's outbox is over its limit", cell.ErrOverloaded)
	ErrTooManyConns   = fmt.Errorf("%w: too many connections", cell.ErrOverloaded)
	ErrTooManyStreams = fmt.Errorf("%w: too many streams on the connection", cell.ErrOverloaded)
	ErrEvicted        = fmt.Errorf("%w: too many connections that have said nothing", cell.ErrOverloaded)

	ErrStalled  = fmt.Errorf("%w: the other side takes no bytes", cell.ErrClosed)
	ErrIdle     = fmt.Errorf("%w: nothing heard from the other side", cell.ErrClosed)
	ErrHalfOpen = fmt.Errorf("%w: no first frame in time", cell.ErrClosed)
	ErrHungUp   = fmt.Errorf("%w: by the other side", cell.ErrClosed)
)

// unremarkable ends happen all day: connections come and go.
func unremarkable(err error) bool { return errors.Is(err, ErrHungUp) || err == cell.ErrClosed }
