package config

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// Wrong is a setting that cannot be used. It wraps cell.ErrUsage.
type Wrong struct {
	File string // where the setting stands, or "" for what stands in no file
	Line int
	Key  string // the flag, the variable or the key; "" where several together are wrong
	Why  string
}

func (w *Wrong) Error() string {
	var b strings.Builder
	if w.File != "" {
		fmt.Fprintf(&b, "%s:", w.File)
		if w.Line > 0 {
			fmt.Fprintf(&b, "%d:", w.Line)
		}
		b.WriteByte(' ')
	}
	if w.Key != "" {
		fmt.Fprintf(&b, "%s: ", w.Key)
	}
	return b.String() + w.Why
}

// Unwrap makes errors.Is(err, cell.ErrUsage) true.
func (w *Wrong) Unwrap() error { return cell.ErrUsage }

func wrong(key, why string) error { return &Wrong{Key: key, Why: why} }
