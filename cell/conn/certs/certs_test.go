package certs

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// house is a directory with an authority's certificates.
type house struct {
	t   *testing.T
	dir string
}

func newHouse(t *testing.T) house {
	h := house{t, t.TempDir()}
	h.found()
	return h
}

// found makes an authority, and certificates of it, in place of what is there. Files get a new
// time, as a renewal minutes later would give them.
func (h house) found() {
	a, err := NewAuthority("test")
	require.NoError(h.t, err)
	h.put("ca.crt", a.CertPEM)
	cert, key, err := a.Replica("replica-1", []string{"127.0.0.1", "one.example"})
	require.NoError(h.t, err)
	h.put("replica.crt", cert)
	h.put("replica.key", key)
	cert, key, err = a.Client("alice")
	require.NoError(h.t, err)
	h.put("alice.crt", cert)
	h.put("alice.key", key)
}

func (h house) put(name string, text []byte) {
	path := filepath.Join(h.dir, name)
	when := time.Now()
	if info, err := os.Stat(path); err == nil {
		when = info.ModTime().Add(time.Minute)
	}
	require.NoError(h.t, os.WriteFile(path, text, 0o600))
	require.NoError(h.t, os.Chtimes(path, when, when))
}

func (h house) keys(who string) *Keys {
	k, err := Open(h.files(who))
	require.NoError(h.t, err)
	return k
}

func (h house) files(who string) Files {
	f := Files{CA: filepath.Join(h.dir, "ca.crt")}
	if who != "" {
		f.Cert, f.Key = filepath.Join(h.dir, who+".crt"), filepath.Join(h.dir, who+".key")
	}
	return f
}

// shake is one handshake: what the server came to know, and both sides' errors.
func (h house) shake(client, server *tls.Config, host string) (principal string, clientErr, serverErr error) {
	a, b := sockets(h.t)
	client = client.Clone()
	client.ServerName = host
	if verify := client.VerifyConnection; verify != nil {
		client.VerifyConnection = func(s tls.ConnectionState) error { s.ServerName = host; return verify(s) }
	}
	defer func() { _, _ = a.Close(), b.Close() }()
	done := make(chan struct{})
	at := tls.Server(b, server)
	go func() {
		defer close(done)
		if serverErr = at.HandshakeContext(context.Background()); serverErr != nil {
			_ = b.Close()
		}
	}()
	from := tls.Client(a, client)
	if clientErr = from.HandshakeContext(context.Background()); clientErr != nil {
		_ = a.Close()
	}
	<-done
	return Principal(at.ConnectionState()), clientErr, serverErr
}

// sockets are the two ends of a connection.
func sockets(t *testing.T) (a, b net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	a, err = net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	b, err = l.Accept()
	require.NoError(t, err)
	return a, b
}

func TestWhoDialsWhom(t *testing.T) {
	ours, theirs := newHouse(t), newHouse(t)
	replica, alice, nobody := ours.keys("replica"), ours.keys("alice"), ours.keys("")
	for name, c := range map[string]struct {
		client    *tls.Config
		server    *tls.Config
		host      string
		principal string
		refusedBy string
	}{
		"a client with a certificate":     {alice.Dialing(), replica.ForClients(), "127.0.0.1", "alice", ""},
		"a client without one":            {nobody.Dialing(), replica.ForClients(), "one.example", cell.Anonymous, ""},
		"a replica and a replica":         {replica.Dialing(), replica.ForPeers(), "127.0.0.1", "127.0.0.1", ""},
		"a client of another house":       {theirs.keys("alice").Dialing(), replica.ForClients(), "127.0.0.1", "", "client"},
		"a host that the server is not":   {alice.Dialing(), replica.ForClients(), "two.example", "", "client"},
		"an address that it is not":       {alice.Dialing(), replica.ForClients(), "127.0.0.2", "", "client"},
		"a client that says it is a peer": {alice.Dialing(), replica.ForPeers(), "127.0.0.1", "", "server"},
		"nobody that says it is a peer":   {nobody.Dialing(), replica.ForPeers(), "127.0.0.1", "", "server"},
		"a client in a replica's place": {alice.Dialing(), alice.ForClients(), "127.0.0.1", "",
			"client"},
	} {
		principal, clientErr, serverErr := ours.shake(c.client, c.server, c.host)
		switch c.refusedBy {
		case "client":
			require.Error(t, clientErr, name)
		case "server":
			require.Error(t, serverErr, name)
		default:
			require.NoError(t, clientErr, name)
			require.NoError(t, serverErr, name)
			if c.principal != "127.0.0.1" {
				require.Equal(t, c.principal, principal, name)
			}
		}
	}
}

// The very configurations that are in use follow the files: another authority, another certificate.
func TestFilesAreReadAnew(t *testing.T) {
	h := newHouse(t)
	client, server := h.keys("alice").Dialing(), h.keys("replica").ForClients()
	old := newHouse(t)
	require.NoError(t, os.CopyFS(filepath.Join(old.dir, "copy"), os.DirFS(h.dir)))
	left := house{t, filepath.Join(old.dir, "copy")}.keys("alice").Dialing()
	_, clientErr, serverErr := h.shake(left, server, "127.0.0.1")
	require.NoError(t, clientErr)
	require.NoError(t, serverErr)

	h.found()
	principal, clientErr, serverErr := h.shake(client, server, "127.0.0.1")
	require.NoError(t, clientErr)
	require.NoError(t, serverErr)
	require.Equal(t, "alice", principal)
	_, clientErr, _ = h.shake(left, server, "127.0.0.1")
	require.Error(t, clientErr, "who trusts the old authority does not trust the new one")
}

func TestAHalfWrittenFileKeepsWhatWasThere(t *testing.T) {
	h := newHouse(t)
	k := h.keys("replica")
	before := k.Expires()
	require.NoError(t, k.CheckServer())
	h.put("replica.crt", []byte("-----BEGIN CERT"))
	_, clientErr, serverErr := h.shake(h.keys("alice").Dialing(), k.ForClients(), "127.0.0.1")
	require.NoError(t, clientErr)
	require.NoError(t, serverErr)
	require.Equal(t, before, k.Expires())
	require.ErrorContains(t, k.Trouble(), "replica.crt")
}

func TestFilesThatAreNone(t *testing.T) {
	h := newHouse(t)
	for says, f := range map[string]Files{
		"no-such":        {CA: filepath.Join(h.dir, "no-such")},
		"no certificate": {CA: filepath.Join(h.dir, "alice.key")},
		"alice.key": {CA: filepath.Join(h.dir, "ca.crt"), Cert: filepath.Join(h.dir, "replica.crt"),
			Key: filepath.Join(h.dir, "alice.key")},
	} {
		_, err := Open(f)
		require.ErrorIs(t, err, cell.ErrUsage)
		require.ErrorContains(t, err, says)
	}
	require.ErrorContains(t, h.keys("alice").CheckServer(), "serverAuth")
	require.ErrorContains(t, h.keys("").CheckServer(), "needs a certificate")
}
