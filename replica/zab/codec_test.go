package zab

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
)

// everyMessage is one of each, with every field set.
func everyMessage() []Message {
	m := record.Mark{Index: 7, Zxid: cell.MakeZxid(3, 2)}
	r := record.Make(8, cell.MakeZxid(3, 3), record.Members, []byte("payload"))
	return []Message{
		&Hello{ID: 1, Incarnation: 2, Boot: 3, Standing: record.Learner, Begun: true, Last: m, Current: 3, Format: 1,
			List: 5, Quarantined: true,
			Heard: []Name{{1, 2}, {2, 1 << 63}}},
		&Welcome{}, &Refused{Why: "no"},
		&Status{Role: RoleJoining, Abstain: true, Leader: 2, Epoch: 3, Current: 3, Last: m},
		&FollowerInfo{Ask: 1, Accepted: 4, From: 2, Current: 3, Last: m,
			Snapshot: record.Mark{Index: 1, Zxid: cell.MakeZxid(1, 1)}, Epochs: []record.EpochEnd{{Epoch: 3, Last: m}},
			Anew: true},
		&NewEpoch{Ask: 1, Epoch: 4}, &AckEpoch{Epoch: 4, Current: 3, Last: m},
		&Ping{Epoch: 4, Number: 9, Length: 600}, &Pong{Epoch: 4, Number: 9, Promised: true, Free: 1 << 40},
		&Release{Epoch: 4, Heir: 2},
		&Diff{Epoch: 4, After: m}, &Snap{Epoch: 4, Attempt: 2}, &SnapshotDurable{Epoch: 4, Attempt: 2, Mark: m},
		&Entries{Epoch: 4, Prev: m, Commit: 6,
			Records: []record.Record{r, record.Make(9, cell.MakeZxid(4, 1), record.Normal, nil)}},
		&NewLeader{Epoch: 4, Last: m}, &AckNewLeader{Epoch: 4, Last: m}, &UpToDate{Epoch: 4, Commit: 7},
		&Progress{Epoch: 4, Index: 7}, &Ack{Epoch: 4, Index: 7, At: 6, Digest: 1 << 63}, &Commit{Epoch: 4, Index: 7},
	}
}

func TestEveryMessageComesBackAsItWas(t *testing.T) {
	kinds := map[uint8]bool{}
	for _, m := range everyMessage() {
		require.Empty(t, m.Invalid(), "%T", m)
		kind, body := Encode(m)
		require.Equal(t, string(slowly(t, m)), string(body))
		require.False(t, kinds[kind])
		kinds[kind] = true
		back, err := Decode(kind, body)
		require.NoError(t, err)
		require.Equal(t, m, back)
	}
	require.Len(t, kinds, int(KindLast))
}

// slowly is m's body as the protobuf runtime writes it.
func slowly(t *testing.T, m Message) []byte {
	var w proto.Message
	if e, ok := m.(*Entries); ok {
		entries := &wire.PeerEntries{Epoch: uint32(e.Epoch), Prev: wireMark(e.Prev), Commit: e.Commit}
		for _, r := range e.Records {
			entries.Records = append(entries.Records, &wire.PeerRecord{Index: r.Index, Zxid: uint64(r.Zxid),
				Kind: uint32(r.Kind), Sum: r.Sum, Payload: r.Payload})
		}
		w = entries
	} else {
		_, w = toWire(m)
	}
	body, err := proto.Marshal(w)
	require.NoError(t, err)
	return body
}

func TestAcksAndCommitsAreReadAlikeByBothWays(t *testing.T) {
	for _, m := range []Message{&Ack{}, &Ack{Epoch: 1 << 31, Index: 1 << 60}, &Commit{Index: 1}, &Commit{Epoch: 9}} {
		kind, body := Encode(m)
		require.Equal(t, slowly(t, m), append([]byte{}, body...))
		back, ok := decodeDirect(kind, body)
		require.True(t, ok)
		require.Equal(t, m, back)
		_, ok = decodeDirect(kind, append(body, 5<<3, 1)) // says more: the other way knows, or refuses
		require.False(t, ok)
	}
	_, ok := decodeDirect(kindAck, protowire.AppendVarint([]byte{1 << 3}, 1<<32))
	require.False(t, ok)
}

func TestB1_AFieldWeDoNotKnowIsRefused(t *testing.T) {
	for _, m := range everyMessage() {
		kind, body := Encode(m)
		_, err := Decode(kind, protowire.AppendVarint(protowire.AppendTag(body, 99, protowire.VarintType), 1))
		require.ErrorIs(t, err, cell.ErrProtocol, "%T", m)
	}
	_, err := Decode(0, nil)
	require.ErrorIs(t, err, cell.ErrProtocol)
	_, err = Decode(KindLast+1, nil)
	require.ErrorIs(t, err, cell.ErrProtocol)
}

func TestB1_TornAndGarbledBytesTripNothing(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, m := range everyMessage() {
		kind, body := Encode(m)
		for cut := range body {
			if back, err := Decode(kind, body[:cut]); err == nil {
				_ = back.Invalid()
			}
		}
		for range 500 {
			b := append([]byte(nil), body...)
			for range 1 + rng.Intn(3) {
				if len(b) > 0 {
					b[rng.Intn(len(b))] = byte(rng.Intn(256))
				}
			}
			if back, err := Decode(kind, b); err == nil {
				_ = back.Invalid()
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range everyMessage() {
		kind, body := Encode(m)
		f.Add(kind, body)
	}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		if m, err := Decode(kind, body); err == nil && m.Invalid() == "" {
			again, bytes := Encode(m)
			require.Equal(t, kind, again)
			back, err := Decode(again, bytes)
			require.NoError(t, err)
			require.Empty(t, back.Invalid())
		}
	})
}
