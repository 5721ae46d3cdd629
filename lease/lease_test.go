package lease

import (
	"math/big"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A granter and a holder whose clocks run apart by at most the drift: whatever they are, the
// holder's deadline is never later, in true time, than the granter's.
func TestL1_TheHolderEndsBeforeTheGranter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drift := Drift(rapid.Int64Range(0, 200_000).Draw(t, "drift"))
		length := Duration(rapid.Int64Range(0, int64(600*Second)).Draw(t, "length"))
		held := drift.Shorten(length)
		// The holder's clock is the slower one by the whole bound: held on its clock is
		// held × (1+drift) on the granter's.
		onGranters := new(big.Int).Mul(big.NewInt(int64(held)), big.NewInt(1_000_000+int64(drift)))
		promised := new(big.Int).Mul(big.NewInt(int64(length)), big.NewInt(1_000_000))
		require.LessOrEqual(t, onGranters.Cmp(promised), 0)
		require.GreaterOrEqual(t, drift.Shorten(length+2*Microsecond), held, "no more than rounding is lost")
	})
}

func TestL1_AClaimCountsFromTheSend(t *testing.T) {
	c := Claim{Sent: 1000, Length: 101 * Second}
	require.Equal(t, Instant(1000).Add(100*Second-Millisecond), c.Until(10_000, Millisecond))
	g := Grant{At: 1000, Length: 101 * Second}
	require.Equal(t, Instant(1000).Add(101*Second), g.Until())
}

func TestNeverStaysNever(t *testing.T) {
	require.Equal(t, Never, Never.Add(-Second))
	require.Equal(t, Never, Instant(Never-1).Add(Second))
}

func TestL9_AMastershipLastsAsLongAsAQuorumsPromises(t *testing.T) {
	var m Mastership
	voters := []uint64{1, 2, 3, 4, 5}
	until := func() Instant { return m.Until(1000, 1, voters, 100, 0, 0) }
	require.Zero(t, until(), "alone")
	m.Answered(2, Claim{Sent: 900, Length: 100})
	require.Zero(t, until(), "two of five")
	m.Answered(9, Claim{Sent: 990, Length: 100})
	require.Zero(t, until(), "who is no voter does not count")
	m.Answered(3, Claim{Sent: 950, Length: 100})
	require.Equal(t, Instant(1000), until(), "the third newest")
	m.Answered(4, Claim{Sent: 960, Length: 100})
	require.Equal(t, Instant(1050), until())
	m.Answered(4, Claim{Sent: 800, Length: 100})
	require.Equal(t, Instant(1050), until(), "an older answer changes nothing")
	m.GiveUp()
	m.Answered(5, Claim{Sent: 999, Length: 100})
	require.Zero(t, until(), "given up is over for good")
	require.True(t, m.GivenUp())
}

func TestL9_ASingleReplicaIsItsOwnQuorum(t *testing.T) {
	var m Mastership
	require.Equal(t, Instant(1100), m.Until(1000, 1, []uint64{1}, 100, 0, 0))
}

// The queue beside its dumb twin: a sorted slice.
func TestQueueGivesWhatIsDueInOrder(t *testing.T) {
	type due struct {
		key int
		at  Instant
		seq int
	}
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		var twin []due
		drop := func(key int) {
			for i := range twin {
				if twin[i].key == key {
					twin = append(twin[:i], twin[i+1:]...)
					return
				}
			}
		}
		for seq := range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := rapid.IntRange(0, 9).Draw(t, "key")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				q.Remove(key)
				drop(key)
			case 1:
				q.Shift(3)
				for i := range twin {
					twin[i].at += 3
				}
			case 2:
				now := Instant(rapid.IntRange(0, 30).Draw(t, "now"))
				got, ok := q.Due(now)
				sort.Slice(twin, func(i, j int) bool {
					return twin[i].at < twin[j].at || twin[i].at == twin[j].at && twin[i].seq < twin[j].seq
				})
				want := len(twin) > 0 && twin[0].at <= now
				require.Equal(t, want, ok)
				if ok {
					require.Equal(t, twin[0].key, got)
					twin = twin[1:]
				}
			default:
				at := Instant(rapid.IntRange(0, 30).Draw(t, "at"))
				q.Set(key, at)
				drop(key)
				twin = append(twin, due{key, at, seq})
			}
			require.Equal(t, len(twin), q.Len())
			next := Never
			for _, d := range twin {
				next = min(next, d.at)
				at, ok := q.At(d.key)
				require.True(t, ok)
				require.Equal(t, d.at, at)
			}
			require.Equal(t, next, q.Next())
		}
	})
}

// A renewal is never later than when half of the lease is over, earlier by a small part at most, and the
// same for all who were granted within such a part.
func TestL1_ARenewalMayComeEarlyNeverLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := Grant{At: Instant(rapid.Int64Range(1, int64(1e6*Second)).Draw(t, "at")),
			Length: Duration(rapid.Int64Range(1, int64(100*Second)).Draw(t, "length"))}
		half := g.Until().Add(-g.Length / 2)
		require.LessOrEqual(t, g.Renewal(), half)
		require.Greater(t, g.Renewal(), half.Add(-g.Length/64-1))
		require.GreaterOrEqual(t, g.Renewal(), g.At)
		if part := g.Length / 64; part > 0 {
			require.Zero(t, g.Renewal()%Instant(part), "in company")
		}
	})
	require.Equal(t, Never, Grant{At: Never, Length: Second}.Renewal())
}
