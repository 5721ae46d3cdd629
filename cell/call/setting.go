package call

import (
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Set changes one setting of the cell, or the bound of a subtree (cell.Quota). Value is in nanoseconds,
// or a limit.
type Set struct {
	Key   string
	Value int64
}

func (*Set) op() {}

// Invalid: see Message.
func (m *Set) Invalid() string { return tooLong("key", len(m.Key), maxKeyBytes) }

// SettingsAsk asks for the cell's settings.
type SettingsAsk struct{}

// SettingsReply answers SettingsAsk. Granted says what leases may still be running.
type SettingsReply struct {
	Settings cell.Settings
	Granted  cell.Granted
	Quotas   []cell.Quota // rising by name
}

// StepDown asks the master of that epoch to give its mastership to another; it answers before it does.
// ErrConflict: that mastership is over.
type StepDown struct{ Epoch cell.Epoch }

// Settings tells a session's client what the cell's settings are from now on.
type Settings struct {
	Epoch    cell.Epoch
	Stream   uint64
	Settings cell.Settings
}

func (*SettingsAsk) ask() {}
func (*StepDown) ask()    {}

// Invalid: see Message.
func (*SettingsAsk) Invalid() string { return "" }

// Invalid: see Message.
func (m *StepDown) Invalid() string { return when(m.Epoch == 0, "no epoch") }

// Invalid: see Message.
func (m *Settings) Invalid() string { return m.Settings.Invalid() }

func readSettings(b []byte) (Message, error) {
	var w wire.Settings
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	l, err := LengthsFromWire(w.Lengths)
	return &Settings{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream,
		Settings: cell.Settings{Lengths: l, Limits: LimitsFromWire(w.Limits)}}, err
}

func settingsReplyToWire(r *SettingsReply) *wire.SettingsReply {
	w := &wire.SettingsReply{Lengths: LengthsToWire(r.Settings.Lengths), Limits: LimitsToWire(r.Settings.Limits),
		GrantedSession: int64(r.Granted.SessionLease), GrantedCache: int64(r.Granted.CacheLease)}
	for _, q := range r.Quotas {
		w.Quotas = append(w.Quotas, QuotaToWire(q))
	}
	return w
}

func cutSettings(m *QueryReply, w *wire.QueryReply) error {
	s := w.Settings
	if s == nil {
		return nil
	}
	l, err := LengthsFromWire(s.Lengths)
	if err != nil {
		return err
	}
	quotas, err := QuotasFromWire(s.Quotas)
	m.Settings = &SettingsReply{Settings: cell.Settings{Lengths: l, Limits: LimitsFromWire(s.Limits)}, Quotas: quotas,
		Granted: cell.Granted{SessionLease: time.Duration(s.GrantedSession), CacheLease: time.Duration(s.GrantedCache)}}
	return err
}
