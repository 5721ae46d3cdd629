package client

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// The contract: nothing sent is no master, sent and unanswered is an unknown outcome, and so is a
// mastership given up to which nobody has succeeded yet.
func TestStepDownThatWasSentIsOfUnknownOutcome(t *testing.T) {
	for _, x := range []struct {
		what string
		with func(f *fake)
		want error
		not  error
	}{
		{"unanswered", func(f *fake) {
			f.hears = func(m call.Message) {
				if q, ok := m.(*call.Query); ok {
					_, f.deaf = q.Ask.(*call.StepDown)
				}
			}
		}, cell.ErrOutcomeUnknown, cell.ErrNoMaster},
		{"no successor", func(*fake) {}, cell.ErrOutcomeUnknown, cell.ErrNoMaster},
		{"nobody to be asked", func(f *fake) { f.cut() }, cell.ErrNoMaster, cell.ErrOutcomeUnknown},
	} {
		t.Run(x.what, func(t *testing.T) {
			simulated(t, func(t *testing.T) {
				f := startFake(t)
				x.with(f)
				c := f.client(t)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				_, err := c.StepDown(ctx)
				cancel()
				require.ErrorIs(t, err, x.want)
				require.NotErrorIs(t, err, x.not)
				require.Equal(t, cell.ExitOf(x.want), cell.ExitOf(err))
				require.NoError(t, c.Close())
				f.stop()
			})
		})
	}
}
