package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/sirupsen/logrus"
)

// value is one setting's place in a Config, with its grammar. (An interface since the table of
// settings holds six kinds of them.)
type value interface {
	String() string
	set(text string) error
}

type word string

func (w *word) String() string { return string(*w) }

func (w *word) set(text string) error {
	if text == "" {
		return fmt.Errorf("is empty")
	}
	*w = word(text)
	return nil
}

// place is a path, or "" for none.
type place string

func (p *place) String() string { return string(*p) }

func (p *place) set(text string) error {
	*p = place(text)
	return nil
}

type replica cell.ReplicaID

func (r *replica) String() string { return strconv.FormatUint(uint64(*r), 10) }

func (r *replica) set(text string) error {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is no replica id; ids are numbers from 1", text)
	}
	*r = replica(n)
	return nil
}

type level string

func (l *level) String() string { return string(*l) }

func (l *level) set(text string) error {
	if _, err := logrus.ParseLevel(text); err != nil {
		return fmt.Errorf("%q is no level; use debug, info, warning or error", text)
	}
	*l = level(text)
	return nil
}

type length time.Duration

func (l *length) String() string { return time.Duration(*l).String() }

// set leaves the bounds to cell.Lengths, which knows them all together.
func (l *length) set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no duration; write it like 600ms, 12s or 1m", text)
	}
	*l = length(d)
	return nil
}

type drift int64 // millionths

func (d *drift) String() string { return strconv.FormatFloat(float64(*d)/1e4, 'f', -1, 64) + "%" }

func (d *drift) set(text string) error {
	number, percent := strings.CutSuffix(text, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 0.2) { // so written, NaN is refused too
		return fmt.Errorf("%q is no drift between 0 and 0.2; write it like 1%% or 0.01", text)
	}
	*d = drift(math.Ceil(f*1e6 - 1e-6)) // never below what was asked for
	return nil
}

// number is a count, or bytes where units are allowed.
type number[T int | int64] struct {
	to          *T
	least, most T
	units       bool
}

func count(to *int, least int) value { return number[int]{to, least, math.MaxInt32, false} }

func size(to *int, least, most int) value { return number[int]{to, least, most, true} }

func bytes(to *int64, least int64) value { return number[int64]{to, least, 1 << 50, true} }

// String is the count, or the largest unit that divides the bytes.
func (n number[T]) String() string {
	v, unit := int64(*n.to), ""
	if n.units {
		for _, u := range []string{"KiB", "MiB", "GiB"} {
			if v == 0 || v%1024 != 0 {
				break
			}
			v, unit = v/1024, u
		}
	}
	return strconv.FormatInt(v, 10) + unit
}

func (n number[T]) set(text string) error {
	digits, factor := text, int64(1)
	if n.units {
		for i, u := range []string{"KiB", "MiB", "GiB"} {
			if d, ok := strings.CutSuffix(text, u); ok {
				digits, factor = strings.TrimSpace(d), 1<<(10*(i+1))
			}
		}
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || v > math.MaxInt64/factor || v*factor < int64(n.least) || v*factor > int64(n.most) {
		return fmt.Errorf("%q is no %s from %d to %d", text, n.noun(), n.least, n.most)
	}
	*n.to = T(v * factor)
	return nil
}

// limit is one of the cell's (cell.Setting), with the bounds that it has there.
type limit struct {
	of cell.Setting
	in *cell.Limits
}

func (l limit) number(to *int64) number[int64] {
	*to = l.of.Of(cell.Settings{Limits: *l.in})
	least, most := l.of.Bounds()
	return number[int64]{to, least, most, l.of.Bytes}
}

func (l limit) String() string {
	var n int64
	return l.number(&n).String()
}

func (l limit) set(text string) error {
	var n int64
	err := l.number(&n).set(text)
	*l.in = l.of.With(cell.Settings{Limits: *l.in}, n).Limits
	return err
}

func (n number[T]) noun() string {
	if n.units {
		return "size (bytes, or with KiB, MiB, GiB)"
	}
	return "number"
}
