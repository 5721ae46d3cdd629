package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// What replicas say before the protocol begins, and around snapshots: any bytes are refused, or are
// exactly a message's.
func FuzzB5_HostMessages(f *testing.F) {
	for _, m := range []proto.Message{
		&PeerPreface{Format: 1, Cell: "local", CellId: make([]byte, 16), From: 1, To: 2, Use: 1, At: "h:1"},
		&SnapshotPiece{Bytes: []byte("x"), Last: true}, &SnapshotTook{Bytes: 7, Failed: "why"},
	} {
		b, err := proto.Marshal(m)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range []proto.Message{&PeerPreface{}, &SnapshotPiece{}, &SnapshotTook{}} {
			if Unmarshal(b, m) != nil {
				continue
			}
			again, err := proto.Marshal(m)
			require.NoError(t, err)
			back := m.ProtoReflect().New().Interface()
			require.NoError(t, Unmarshal(again, back), "what was accepted is accepted again")
			require.True(t, proto.Equal(m, back))
		}
	})
}
