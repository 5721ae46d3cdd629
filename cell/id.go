package cell

import (
	"encoding/hex"
	"fmt"
	"strconv"
)

// ReplicaID names a replica within its cell, from 1.
type ReplicaID uint32

// SessionID is the zxid of the transaction that made the session, as one number.
type SessionID uint64

// String is the decimal form, as in JSON and logs.
func (s SessionID) String() string { return strconv.FormatUint(uint64(s), 10) }

// ParseSessionID reads the decimal form.
func ParseSessionID(s string) (SessionID, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%w: session id %q is not a decimal number above 0", ErrUsage, s)
	}
	return SessionID(n), nil
}

// Incarnation is the random number a data directory gets at its first start (Z11). 0 is none.
type Incarnation uint64

// CellID is the random id a cell gets at init; peers and clients of another cell are refused.
type CellID [16]byte

// String is the id in hexadecimal.
func (c CellID) String() string { return hex.EncodeToString(c[:]) }

// ParseCellID reads the hexadecimal form.
func ParseCellID(s string) (CellID, error) {
	var c CellID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(c) {
		return c, fmt.Errorf("%w: cell id %q is not 32 hexadecimal digits", ErrUsage, s)
	}
	copy(c[:], b)
	return c, nil
}

// SessionKey is the 128-bit secret a client makes for its session (C7): a retried
// CreateSession gives the same session, and every Attach must show it.
type SessionKey [16]byte

// Anonymous is the principal of who shows no certificate, and of everybody without TLS.
const Anonymous = "anonymous"
