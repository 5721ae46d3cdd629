package chaos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn/certs"
	"github.com/leasehold/leasehold/client"
)

// startSecure starts a cell made by celld init --tls.
func startSecure(t *testing.T) *processes {
	t.Helper()
	p := newProcesses(t)
	port := freePorts(t)
	out, err := exec.Command(p.celld, "init", "--tls", "--dir", p.dir, "--listen",
		fmt.Sprintf("127.0.0.1:%d", port)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for i := 1; i <= 5; i++ {
		p.endpoints = append(p.endpoints, fmt.Sprintf("127.0.0.1:%d", port+i))
		p.http = append(p.http, fmt.Sprintf("127.0.0.1:%d", port+20+i))
		p.serve(i)
	}
	t.Cleanup(p.end)
	return p
}

func (p *processes) file(name string) string { return filepath.Join(p.dir, name) }

// as gives a client that shows a certificate of the directory's, or none.
func (p *processes) as(who string) *client.Client {
	p.t.Helper()
	cert, key := "", ""
	if who != "" {
		cert, key = p.file(who+".crt"), p.file(who+".key")
	}
	secret, err := client.TLSFiles(p.file("ca.crt"), cert, key)
	require.NoError(p.t, err)
	c, err := client.New(client.Config{Endpoints: p.endpoints, TLS: secret, Patience: 20 * time.Second})
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// renew founds another authority in the directory, with certificates for everybody, while both
// authorities are trusted; then only the new one is.
func (p *processes) renew(both func()) {
	p.t.Helper()
	a, err := certs.NewAuthority("another")
	require.NoError(p.t, err)
	old, err := os.ReadFile(p.file("ca.crt"))
	require.NoError(p.t, err)
	p.write("ca.crt", append(append([]byte(nil), old...), a.CertPEM...))
	for i := 1; i <= 5; i++ {
		cert, key, err := a.Replica(fmt.Sprintf("replica-%d", i), []string{"127.0.0.1"})
		require.NoError(p.t, err)
		p.write(fmt.Sprintf("replica-%d.crt", i), cert)
		p.write(fmt.Sprintf("replica-%d.key", i), key)
	}
	cert, key, err := a.Client("admin")
	require.NoError(p.t, err)
	p.write("admin.crt", cert)
	p.write("admin.key", key)
	both()
	p.write("ca.crt", a.CertPEM)
}

func (p *processes) write(name string, text []byte) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(p.file(name), text, 0o600))
	later := time.Now().Add(time.Hour) // a file system may count in seconds; this is another time for sure
	require.NoError(p.t, os.Chtimes(p.file(name), later, later.Add(time.Duration(len(text))*time.Second)))
}

// Five processes of celld init --tls: who is whom, who is refused; then certificates and authority
// are changed under a session that holds a lock and writes through deaths of masters.
func TestB1_CertificatesAndAuthorityChangeUnderASession(t *testing.T) {
	realProcesses(t)
	p := startSecure(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := p.as("admin").NewSession(ctx)
	require.NoError(t, err)
	hold, err := s.Lock(ctx, "/ls/local/lock")
	require.NoError(t, err)
	locks, err := p.as("").Locks(ctx, "/ls/local")
	require.NoError(t, err)
	require.Equal(t, "admin", locks[0].Holders[0].Principal)
	nobody, err := p.as("").NewSession(ctx)
	require.NoError(t, err)
	other, err := nobody.Lock(ctx, "/ls/local/other")
	require.NoError(t, err)
	locks, err = p.as("").Locks(ctx, "/ls/local/other")
	require.NoError(t, err)
	require.Equal(t, cell.Anonymous, locks[0].Holders[0].Principal)
	require.NoError(t, other.Unlock(ctx))

	plain, err := client.New(client.Config{Endpoints: p.endpoints, Patience: time.Second})
	require.NoError(t, err)
	require.Error(t, plain.Ping(ctx), "who speaks without TLS is not answered")
	require.NoError(t, plain.Close())
	require.Greater(t, p.metric(1, "cell_certificate_expiry_timestamp_seconds"), float64(time.Now().Unix()))

	next := uint64(0)
	write := func() {
		t.Helper()
		stat, err := s.Write(ctx, "/ls/local/file", fmt.Appendf(nil, "%d", next),
			client.IfGeneration(next))
		require.NoError(t, err)
		next = stat.ContentGeneration
	}
	_, err = s.Create(ctx, "/ls/local/file", nil)
	require.NoError(t, err)
	next = 1
	others := accompany(ctx, t, p.as("admin"), 8)
	for range 2 {
		p.renew(func() {
			p.restartMaster()
			write()
		})
		p.restartMaster()
		write()
	}
	others.check(ctx, t)
	require.NoError(t, hold.Context().Err())
	require.Equal(t, client.Connected, s.State())
	require.NoError(t, hold.Unlock(ctx))
}

// restartMaster kills the master and starts it again: every link is made anew.
func (p *processes) restartMaster() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		s, err := p.as("admin").Status(ctx)
		require.NoError(p.t, err)
		if s.Master != 0 {
			p.kill(int(s.Master))
			p.serve(int(s.Master))
			return
		}
	}
}

// Keys are readable by their owner only, and nothing that exists is overwritten.
func TestZ11_InitMakesNoSecondAuthority(t *testing.T) {
	realProcesses(t)
	p := newProcesses(t)
	make := func(args ...string) (string, error) {
		out, err := exec.Command(p.celld, append([]string{"init", "--dir", p.dir, "--tls"}, args...)...).CombinedOutput()
		return string(out), err
	}
	out, err := make()
	require.NoError(t, err, out)
	for _, name := range []string{"ca.key", "admin.key", "replica-1.key", "replica-5.key"} {
		info, err := os.Stat(p.file(name))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), name)
	}
	for i := 1; i <= 5; i++ {
		require.NoError(t, os.RemoveAll(p.file(fmt.Sprintf("data-%d", i))))
		require.NoError(t, os.Remove(p.file(fmt.Sprintf("replica-%d.yaml", i))))
	}
	out, err = make()
	var code *exec.ExitError
	require.True(t, errors.As(err, &code))
	require.Equal(t, 2, code.ExitCode())
	require.True(t, strings.Contains(out, "ca.crt") && strings.Contains(out, "exists already"), out)
}
