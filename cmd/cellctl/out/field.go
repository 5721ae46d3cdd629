package out

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/leasehold/leasehold/cell"
)

// digits is a 64-bit number as JSON has it: a string.
func digits(n uint64) string { return strconv.FormatUint(n, 10) }

// optional is null for the zero value of what T means: absent.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// known is null for a number below 0.
func known[T int | int64](n T) *T {
	if n < 0 {
		return nil
	}
	return &n
}

func optionalDigits(n uint64) *string {
	if n == 0 {
		return nil
	}
	s := digits(n)
	return &s
}

func zxid(z cell.Zxid) *string {
	if z == 0 {
		return nil
	}
	s := z.String()
	return &s
}

func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000000000Z")
	return &s
}

// seconds is a duration in JSON: below 0 it is not known.
func seconds(d time.Duration) *float64 {
	if d < 0 {
		return nil
	}
	s := d.Seconds()
	return &s
}

// contents is a string, or {"base64": …} where the bytes are no text.
type contents []byte

// MarshalJSON never fails.
func (c contents) MarshalJSON() ([]byte, error) {
	if utf8.Valid(c) {
		text, err := encode(string(c))
		return text, err
	}
	return json.Marshal(struct {
		Base64 []byte `json:"base64"`
	}{c})
}

// Below: the same things in a table, where absent is a dash.

func dash(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func number[T int | int64](n *T) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatInt(int64(*n), 10)
}

func span(d time.Duration) string {
	switch {
	case d < 0:
		return "-"
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// moment is a time by the second.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// plain is text that others chose, fit for a terminal and for one cell of a table.
func plain(s string) string {
	if s == "" {
		return "-"
	}
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	return strconv.Quote(s)
}

const shownContents = 256 // bytes of contents that a line shows

// shown is contents on one line.
func shown(c []byte) string {
	if len(c) > shownContents {
		return fmt.Sprintf("%q… (%d bytes)", c[:shownContents], len(c))
	}
	return strconv.Quote(string(c))
}
