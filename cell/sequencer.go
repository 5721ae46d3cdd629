package cell

import (
	"fmt"
	"strconv"
	"strings"
)

// Mode is how a lock is held or asked for.
type Mode uint8

// The modes. Free appears only in descriptions of a lock.
const (
	Free Mode = iota
	Shared
	Exclusive
)

// String is the word used in JSON, logs and tables.
func (m Mode) String() string {
	switch m {
	case Shared:
		return "shared"
	case Exclusive:
		return "exclusive"
	}
	return "free"
}

// Sequencer is proof of a hold. Other servers check it (CheckSequencer, IfHeld, client/fence).
type Sequencer struct {
	Mode     Mode
	Grant    uint64 // the token: zxid of the grant; it grows over the whole cell and never goes back
	Hold     uint64 // zxid of the acquire: tells apart what one transaction granted
	Instance uint64
	Name     Name
}

// Token is the number to compare: a later grant of a conflicting hold has a greater one (C2).
func (q Sequencer) Token() uint64 { return q.Grant }

// String is the text form x:TOKEN:HOLD:INSTANCE:NAME (s: for shared).
func (q Sequencer) String() string {
	m := "x"
	if q.Mode == Shared {
		m = "s"
	}
	return fmt.Sprintf("%s:%d:%d:%d:%s", m, q.Grant, q.Hold, q.Instance, q.Name)
}

// ParseSequencer reads the text form. Errors wrap ErrUsage, or ErrBadName for the name.
func ParseSequencer(s string) (Sequencer, error) {
	parts := strings.SplitN(s, ":", 5)
	if len(parts) != 5 || (parts[0] != "x" && parts[0] != "s") {
		return Sequencer{}, fmt.Errorf("%w: sequencer %q is not x:TOKEN:HOLD:INSTANCE:NAME or s:…", ErrUsage, s)
	}
	q := Sequencer{Mode: Exclusive}
	if parts[0] == "s" {
		q.Mode = Shared
	}
	for i, to := range []*uint64{&q.Grant, &q.Hold, &q.Instance} {
		n, err := strconv.ParseUint(parts[i+1], 10, 64)
		if err != nil {
			return Sequencer{}, fmt.Errorf("%w: sequencer %q: %q is not a decimal number", ErrUsage, s, parts[i+1])
		}
		*to = n
	}
	var err error
	q.Name, err = ParseName(parts[4])
	return q, err
}
