package wire

import "github.com/leasehold/leasehold/cell"

// Fault is what can be wrong with bytes from outside, but for their number, which is a
// *cell.LimitError. Each is a cell.ErrProtocol.
type Fault uint8

// The faults. After one of a frame, its stream cannot be read on.
const (
	ErrFrameFormat Fault = iota
	ErrFrameTruncated
	ErrMalformed
	ErrUnknownField
)

var faults = [...]string{
	ErrFrameFormat:    "frame in an unknown format",
	ErrFrameTruncated: "frame truncated",
	ErrMalformed:      "malformed message",
	ErrUnknownField:   "message with a field we do not know",
}

// Error is the kind and the fault.
func (f Fault) Error() string { return cell.ErrProtocol.Error() + ": " + faults[f] }

// Unwrap makes errors.Is(err, cell.ErrProtocol) true.
func (f Fault) Unwrap() error { return cell.ErrProtocol }
