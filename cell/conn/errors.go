package conn

import (
	"errors"

	"github.com/leasehold/leasehold/cell"
)

// End is why a connection or a stream ended, or could not be had. It wraps an error of the
// cell's catalogue, which decides what it is to a caller: cell.ErrProtocol for what the other
// side should not have sent, cell.ErrOverloaded for a limit of ours, cell.ErrClosed for the rest.
type End uint8

// The ends. Compare with errors.Is: some come with what brought them about.
const (
	ErrGarbage End = iota
	ErrPingFlood
	ErrStreamFlood
	ErrStrayFlood
	ErrOverflow
	ErrTooManyConns
	ErrTooManyStreams
	ErrEvicted
	ErrStalled
	ErrIdle
	ErrHalfOpen
	ErrHoards
	ErrHungUp
)

var ends = [...]struct {
	kind error
	text string
}{
	ErrGarbage:        {cell.ErrProtocol, "bytes that are no frame of ours"},
	ErrPingFlood:      {cell.ErrProtocol, "too many pings"},
	ErrStreamFlood:    {cell.ErrProtocol, "too many streams at once"},
	ErrStrayFlood:     {cell.ErrProtocol, "too many frames for streams that are not there"},
	ErrOverflow:       {cell.ErrOverloaded, "the stream's outbox is over its limit"},
	ErrTooManyConns:   {cell.ErrOverloaded, "too many connections"},
	ErrTooManyStreams: {cell.ErrOverloaded, "too many streams on the connection"},
	ErrEvicted:        {cell.ErrOverloaded, "too many connections that have said nothing"},
	ErrStalled:        {cell.ErrClosed, "the other side takes no bytes"},
	ErrIdle:           {cell.ErrClosed, "nothing heard from the other side"},
	ErrHalfOpen:       {cell.ErrClosed, "no first frame in time"},
	ErrHoards:         {cell.ErrOverloaded, "too many large frames that are begun and do not end"},
	ErrHungUp:         {cell.ErrClosed, "by the other side"},
}

// Error is the kind and the reason.
func (e End) Error() string { return ends[e].kind.Error() + ": " + ends[e].text }

// Unwrap is the kind.
func (e End) Unwrap() error { return ends[e].kind }

// unremarkable ends happen all day: connections come and go.
func unremarkable(err error) bool { return errors.Is(err, ErrHungUp) || err == cell.ErrClosed }
