package call

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// ErrorOf makes the error that a code, its message and its details stand for; nil for code 0.
func ErrorOf(c cell.Code, message string, l *Limit, retryAfter int64) error {
	base := c.Err()
	switch {
	case base == nil:
		return nil
	case l != nil:
		return &cell.LimitError{Limit: l.Name, Most: int(l.Most), Got: int(l.Got)}
	case errors.Is(base, cell.ErrOverloaded):
		return &cell.OverloadedError{RetryAfter: time.Duration(retryAfter)}
	case message == "":
		return base
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(message, base.Error()), ": ")
	return fmt.Errorf("%w: %s", base, rest)
}

// Fail is the Result of a refusal: err's code and text, and its limit or retry-after.
func Fail(err error) Result {
	r := Result{Code: cell.CodeOf(err), Message: err.Error()}
	var limit *cell.LimitError
	if errors.As(err, &limit) {
		r.Limit = &Limit{Name: limit.Limit, Most: int64(limit.Most), Got: int64(limit.Got)}
	}
	var busy *cell.OverloadedError
	if errors.As(err, &busy) {
		r.RetryAfter = int64(busy.RetryAfter)
	}
	var part *PartError
	if errors.As(err, &part) {
		r.Refused = part.Part
	}
	return r
}

func limitToWire(l *Limit) *wire.Limit {
	if l == nil {
		return nil
	}
	return &wire.Limit{Name: l.Name, Most: l.Most, Got: l.Got}
}

func limitFromWire(w *wire.Limit) *Limit {
	if w == nil {
		return nil
	}
	return &Limit{Name: w.Name, Most: w.Most, Got: w.Got}
}
