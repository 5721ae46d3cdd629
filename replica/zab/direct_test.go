package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
)

// slowEntries reads entries by way of the protobuf runtime.
func slowEntries(b []byte) (*Entries, bool) {
	var w wire.PeerEntries
	if wire.Unmarshal(b, &w) != nil || len(w.Records) > maxBatchCount {
		return nil, false
	}
	m := &Entries{Epoch: cell.Epoch(w.Epoch), Prev: mark(w.Prev), Commit: w.Commit, Records: []record.Record{}}
	for _, r := range w.Records {
		if r.Kind > 255 {
			return nil, false
		}
		m.Records = append(m.Records, record.Record{
			Index: r.Index, Zxid: cell.Zxid(r.Zxid), Kind: record.Kind(r.Kind), Sum: r.Sum, Payload: r.Payload,
		})
	}
	return m, true
}

// Whatever bytes come, the short way says the same as the long one, or refuses.
func FuzzB5_BothWaysReadTheSame(f *testing.F) {
	for _, m := range everyMessage() {
		kind, body := Encode(m)
		f.Add(kind, body)
		f.Add(kind, append(body, body...))
	}
	f.Add(kindEntries, []byte{1<<3 | 1, 1, 0, 0, 0, 0, 0, 0, 0}) // a field in another form is one we do not know
	f.Add(kindEntries, []byte{4<<3 | 2, 2, 5 << 3, 1})
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		fast, err := Decode(kind, body)
		if err != nil {
			return
		}
		if kind == kindEntries {
			slow, ok := slowEntries(body)
			require.True(t, ok, "the long way refuses")
			for _, m := range []*Entries{slow, fast.(*Entries)} {
				for i := range m.Records {
					m.Records[i].Payload = append([]byte(nil), m.Records[i].Payload...)
				}
			}
			require.Equal(t, slow, fast)
			return
		}
		w := blanks[kind]()
		require.NoError(t, wire.Unmarshal(body, w))
		require.Equal(t, domain(w), fast)
	})
}
