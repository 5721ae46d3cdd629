package chaos

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// B1, C6: five processes of celld init --tls, whose first administrator is the holder of admin.crt. Who
// has no certificate is anonymous: what it may do changes under its session, its cache and its watch, by
// names and by what they list, and a death of the master changes nothing of it.
func TestB1_C6_RightsChangeUnderASession(t *testing.T) {
	realProcesses(t)
	p := startSecure(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin, err := p.as("admin").NewSession(ctx)
	require.NoError(t, err)
	someone := p.as("")
	user, err := someone.NewSession(ctx)
	require.NoError(t, err)
	status, err := someone.Status(ctx)
	require.NoError(t, err)
	for _, r := range status.Replicas {
		require.True(t, r.CertificateEnds.After(time.Now()), "replica %d: %v", r.ID, r.Why)
	}

	_, err = user.Create(ctx, "/ls/local/doc", []byte("one"))
	require.NoError(t, err, "a new cell is everybody's")
	require.ErrorIs(t, user.Set(ctx, "lock_delay", int64(time.Second)), cell.ErrDenied)
	_, err = user.SetACL(ctx, "/ls/local/doc", cell.ACL{Read: "team"})
	require.ErrorIs(t, err, cell.ErrDenied)
	_, err = user.Create(ctx, "/ls/local/acl/team", []byte(cell.Anonymous), client.Parents())
	require.ErrorIs(t, err, cell.ErrDenied)

	may := func(want bool) {
		t.Helper()
		for range 2 { // the second time from the cache, if it may be there
			f, err := user.Read(ctx, "/ls/local/doc")
			if want {
				require.NoError(t, err)
				require.Equal(t, "one", string(f.Contents))
			} else {
				require.ErrorIs(t, err, cell.ErrDenied)
			}
		}
		_, err := someone.Read(ctx, "/ls/local/doc", client.Sync())
		require.Equal(t, want, err == nil, "%v", err)
	}
	may(true)
	_, err = admin.SetACL(ctx, "/ls/local/doc", cell.ACL{Read: "team"})
	require.NoError(t, err)
	may(false)
	_, err = admin.Create(ctx, "/ls/local/acl/team", []byte("# nobody yet\n"+cell.Anonymous), client.Parents())
	require.NoError(t, err)
	may(true)
	_, err = admin.Write(ctx, "/ls/local/acl/team", []byte("somebody else"))
	require.NoError(t, err)
	may(false)
	p.restartMaster()
	may(false)
	require.NoError(t, admin.Delete(ctx, "/ls/local/acl/team"))
	may(false)
	_, err = admin.SetACL(ctx, "/ls/local/doc", cell.ACL{Read: cell.Everybody})
	require.NoError(t, err)
	may(true)
	require.Equal(t, client.Connected, user.State())
}
