package cell

import (
	"fmt"
	"strings"
	"time"
)

// Settings are all of a cell's that can be changed while it runs, in one table: by key, as in a
// configuration file. A length's value is in nanoseconds. The drift is no such setting: clients count
// with it as it was told them, and nobody takes it back.
type Settings struct {
	Lengths Lengths
	Limits  Limits
}

// Granted are the longest leases that may be running, whatever is granted now: what a new master must
// count with (L3, L6). Each is at least the length of the same name.
type Granted struct{ SessionLease, CacheLease time.Duration }

// Setting is one of them.
type Setting struct {
	Key    string
	Length bool // else a limit: a plain number
	Bytes  bool // a limit that counts bytes
	least  int64
	most   int64 // of a limit
	at     func(*Settings) any
}

func length(key string, at func(*Lengths) *time.Duration) Setting {
	return Setting{Key: key, Length: true, at: func(s *Settings) any { return at(&s.Lengths) }}
}

func limit(key string, at func(*Limits) *int) Setting {
	return Setting{Key: key, least: 1, most: MostLimit, at: func(s *Settings) any { return at(&s.Limits) }}
}

func (s Setting) within(least, most int64) Setting {
	s.least, s.most = least, most
	return s
}

func (s Setting) inBytes(least, most int64) Setting {
	s.Bytes = true
	return s.within(least, most)
}

var settings = []Setting{
	length("master_lease", func(l *Lengths) *time.Duration { return &l.MasterLease }),
	length("session_lease", func(l *Lengths) *time.Duration { return &l.SessionLease }),
	length("session_lease_max", func(l *Lengths) *time.Duration { return &l.SessionLeaseMax }),
	length("cache_lease", func(l *Lengths) *time.Duration { return &l.CacheLease }),
	length("lock_delay", func(l *Lengths) *time.Duration { return &l.LockDelay }),
	length("lock_delay_max", func(l *Lengths) *time.Duration { return &l.LockDelayMax }),
	limit("name", func(l *Limits) *int { return &l.Name }).inBytes(leastName, MaxNameBytes),
	limit("depth", func(l *Limits) *int { return &l.Depth }).within(2, MaxNameDepth),
	limit("value", func(l *Limits) *int { return &l.Value }).inBytes(1, MostValue),
	limit("children", func(l *Limits) *int { return &l.Children }),
	limit("nodes", func(l *Limits) *int { return &l.Nodes }),
	limit("sessions", func(l *Limits) *int { return &l.Sessions }),
	limit("handles", func(l *Limits) *int { return &l.Handles }),
	limit("watches", func(l *Limits) *int { return &l.Watches }),
	limit("waiters", func(l *Limits) *int { return &l.Waiters }),
	limit("unacked", func(l *Limits) *int { return &l.Unacked }),
	limit("watch_events", func(l *Limits) *int { return &l.WatchEvents }),
	limit("bytes", func(l *Limits) *int { return &l.Bytes }).inBytes(1, MostBytes),
	limit("ephemerals", func(l *Limits) *int { return &l.Ephemerals }),
	limit("session_rate", func(l *Limits) *int { return &l.SessionRate }).within(leastSessionRate, MostLimit),
	limit("session_bytes", func(l *Limits) *int { return &l.SessionBytes }).inBytes(leastBytes, MostBytes),
	limit("principal_rate", func(l *Limits) *int { return &l.PrincipalRate }).within(leastPrincipalRate, MostLimit),
	limit("principal_bytes", func(l *Limits) *int { return &l.PrincipalBytes }).inBytes(leastBytes, MostBytes),
}

// AllSettings are all settings, in the order in which they are shown.
func AllSettings() []Setting { return append([]Setting(nil), settings...) }

// FindSetting gives the setting of a key. Errors wrap ErrUsage and name those there are.
func FindSetting(key string) (Setting, error) {
	var all []string
	for _, s := range settings {
		if s.Key == key {
			return s, nil
		}
		all = append(all, s.Key)
	}
	if key == "drift" {
		return Setting{}, fmt.Errorf("%w: the drift is set at birth, for good: clients count with it", ErrUsage)
	}
	return Setting{}, fmt.Errorf("%w: there is no setting %q; there are: %s, and %sNAME, %sNAME", ErrUsage, key,
		strings.Join(all, " "), quotaNodes, quotaBytes)
}

// Bounds are what a limit may be set to.
func (s Setting) Bounds() (least, most int64) { return s.least, s.most }

// Of is the setting's value in all: nanoseconds, or the limit.
func (s Setting) Of(all Settings) int64 {
	switch at := s.at(&all).(type) {
	case *time.Duration:
		return int64(*at)
	case *int:
		return int64(*at)
	}
	return 0
}

// With gives all with the setting changed. Whether that makes sense is not asked here.
func (s Setting) With(all Settings, value int64) Settings {
	switch at := s.at(&all).(type) {
	case *time.Duration:
		*at = time.Duration(value)
	case *int:
		*at = int(value)
	}
	return all
}

// What limits may be set to: MostLimit for most of them, MostValue for the bytes of a value, MostBytes for
// those of more than one.
const (
	MostLimit = 1 << 30
	MostValue = 1 << 20
	MostBytes = 1 << 40

	leastName  = 64        // of a name's bytes: a cell's own name must still be one
	leastBytes = MostValue // of bytes in a second: the largest value passes

	leastSessionRate   = 5  // requests in a second: a session can still be opened, and set this right
	leastPrincipalRate = 40 // the same for many sessions: without certificates a host is one principal
)

// Invalid says why the settings make no sense, naming the key and what is allowed, or "".
func (s Settings) Invalid() string {
	if why := s.Lengths.Invalid(); why != "" {
		return why
	}
	for _, x := range settings {
		if v := x.Of(s); !x.Length && (v < x.least || v > x.most) {
			return fmt.Sprintf("%s must lie between %d and %d", x.Key, x.least, x.most)
		}
	}
	return ""
}
